//! A provider that counts: how many calls it has at a time, and how often it was asked for the same. It needs nothing but
//! the standard library, so that tests of other crates can have it by its path.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long calls are held back for others to come beside them. It ends a wait for what never comes.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a call is answered with.
pub enum Reply {
    /// A chat that says `yes`, ten tokens in and five out.
    Answer,
    /// One that says something else.
    Says(&'static str),
    /// One that calls a tool of this name.
    Calls(&'static str),
    /// Nothing comes until the caller goes away.
    Silence,
    Refusal {
        status: u16,
        retry_after: Option<&'static str>,
    },
}

/// One call, as it came.
pub struct Asked<'a> {
    pub body: &'a str,
    /// How often this body came before.
    pub before: u32,
    /// How many calls there were before, of any body.
    pub calls_before: u64,
    /// This one among them.
    pub in_flight: usize,
}

type Rule = Box<dyn Fn(&Asked<'_>) -> Reply + Send + Sync>;

/// What was counted.
#[derive(Debug, Clone, Default)]
pub struct Counted {
    pub in_flight: usize,
    pub most_in_flight: usize,
    pub calls: u64,
    /// How often each body came, and how often it was answered.
    pub asked: BTreeMap<String, u32>,
    pub answered: BTreeMap<String, u32>,
    /// When each call came, in their order.
    pub came: Vec<Instant>,
}

struct Shared {
    counted: Mutex<Counted>,
    changed: Condvar,
    /// The first calls wait until there are so many at once.
    gate: usize,
    rule: Rule,
}

pub struct Provider {
    /// `http://127.0.0.1:1234`.
    pub origin: String,
    shared: Arc<Shared>,
}

impl Provider {
    /// `gate` calls have to come together before the first is answered; 0 for none.
    pub fn start(gate: usize, rule: impl Fn(&Asked<'_>) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
        let origin = format!("http://{}", listener.local_addr().expect("an address"));
        let shared =
            Arc::new(Shared { counted: Mutex::default(), changed: Condvar::new(), gate, rule: Box::new(rule) });
        let serving = Arc::clone(&shared);
        thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                let shared = Arc::clone(&serving);
                // A caller that is killed breaks its connection off.
                thread::spawn(move || drop(shared.serve(socket)));
            }
        });
        Self { origin, shared }
    }

    pub fn counted(&self) -> Counted {
        self.shared.counted().clone()
    }

    /// Waits until the counts are as wanted.
    pub fn wait(&self, enough: impl Fn(&Counted) -> bool) -> Counted {
        let patience = PATIENCE * 10;
        let counted = self.shared.counted();
        let waited = self.shared.changed.wait_timeout_while(counted, patience, |counted| !enough(counted));
        waited.unwrap_or_else(PoisonError::into_inner).0.clone()
    }
}

impl Shared {
    fn counted(&self) -> MutexGuard<'_, Counted> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, socket: TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(socket.try_clone()?);
        let mut writer = socket;
        while let Some(body) = read_request(&mut reader)? {
            let reply = self.take(&body);
            if matches!(reply, Reply::Silence) {
                let gone = reader.fill_buf().map(drop);
                self.counted().in_flight -= 1;
                self.changed.notify_all();
                return gone;
            }
            // A moment in which others may come: calls that never lie beside each other prove nothing.
            thread::sleep(Duration::from_millis(2));
            let mut counted = self.counted();
            counted.in_flight -= 1;
            if !matches!(reply, Reply::Refusal { .. }) {
                *counted.answered.entry(body).or_default() += 1;
            }
            drop(counted);
            self.changed.notify_all();
            // It is no more in flight once the caller can know its end.
            writer.write_all(&answer(&reply))?;
        }
        Ok(())
    }

    fn take(&self, body: &str) -> Reply {
        let mut counted = self.counted();
        counted.in_flight += 1;
        counted.most_in_flight = counted.most_in_flight.max(counted.in_flight);
        counted.calls += 1;
        counted.came.push(Instant::now());
        let times = counted.asked.entry(body.to_owned()).or_default();
        *times += 1;
        let before = *times - 1;
        let asked = Asked { body, before, calls_before: counted.calls - 1, in_flight: counted.in_flight };
        let reply = (self.rule)(&asked);
        self.changed.notify_all();
        let end = Instant::now() + PATIENCE;
        while counted.most_in_flight < self.gate && Instant::now() < end {
            let waited = self.changed.wait_timeout(counted, Duration::from_millis(100));
            counted = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        reply
    }
}

/// The body of the next request; `None` at the end of the connection.
fn read_request(reader: &mut impl BufRead) -> std::io::Result<Option<String>> {
    let mut length = 0;
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 || line.trim_end().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some(String::from_utf8_lossy(&body).into_owned()))
}

fn answer(reply: &Reply) -> Vec<u8> {
    let (status, more, body) = match reply {
        Reply::Answer => (200, String::new(), chat(r#""content":"yes""#, "stop")),
        Reply::Says(text) => (200, String::new(), chat(&format!("\"content\":{text:?}"), "stop")),
        Reply::Calls(tool) => {
            let call =
                format!(r#"{{"id":"call_1","type":"function","function":{{"name":"{tool}","arguments":"{{}}"}}}}"#);
            (200, String::new(), chat(&format!(r#""content":null,"tool_calls":[{call}]"#), "tool_calls"))
        }
        Reply::Silence => return Vec::new(),
        Reply::Refusal { status, retry_after } => {
            let wait = retry_after.map(|wait| format!("retry-after: {wait}\r\n")).unwrap_or_default();
            (*status, wait, r#"{"error":{"message":"Not now","type":"refused","code":"refused"}}"#.to_owned())
        }
    };
    format!(
        "HTTP/1.1 {status} Told\r\ncontent-type: application/json\r\n{more}content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn chat(message: &str, reason: &str) -> String {
    format!(
        r#"{{"id":"chat-1","object":"chat.completion","created":1,"model":"m","choices":[{{"index":0,"message":{{"role":"assistant",{message}}},"finish_reason":"{reason}"}}],"usage":{{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}}}}"#
    )
}
