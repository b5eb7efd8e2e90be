//! A loopback proxy that forwards every byte and keeps a copy, so that a test can hold what really went over the wire
//! against what the recorder says.
//!
//! It knows nothing of HTTP and shares no code with the client: what it keeps is what the socket gave. Threads rather
//! than tasks, so that it works beside any runtime and is never starved by the code under test.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Bytes that one `read` gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Since the connection was accepted, read before the bytes were passed on.
    pub at: Duration,
    pub bytes: Vec<u8>,
}

/// Both directions of one connection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Connection {
    pub to_server: Vec<Piece>,
    pub to_client: Vec<Piece>,
    /// Both directions have ended.
    pub over: bool,
}

impl Connection {
    /// All that the client sent.
    pub fn sent(&self) -> Vec<u8> {
        joined(&self.to_server)
    }

    /// All that the server sent and the proxy passed on.
    pub fn received(&self) -> Vec<u8> {
        joined(&self.to_client)
    }
}

fn joined(pieces: &[Piece]) -> Vec<u8> {
    pieces.iter().flat_map(|piece| piece.bytes.iter().copied()).collect()
}

/// Listens on a free loopback port until it is dropped.
pub struct TeeProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

struct Shared {
    target: SocketAddr,
    closing: AtomicBool,
    connections: Mutex<Vec<Arc<Mutex<Connection>>>>,
    sockets: Mutex<Vec<TcpStream>>,
}

impl TeeProxy {
    /// Forwards each connection to `target`.
    pub fn start(target: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            target,
            closing: AtomicBool::new(false),
            connections: Mutex::default(),
            sockets: Mutex::default(),
        });
        let acceptor = std::thread::spawn({
            let shared = Arc::clone(&shared);
            move || accept(&listener, &shared)
        });
        Ok(Self { address, shared, acceptor: Some(acceptor) })
    }

    /// Where a client connects to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:PORT`.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What has passed so far, a copy for each connection in the order they were accepted.
    pub fn connections(&self) -> Vec<Connection> {
        locked(&self.shared.connections).iter().map(|connection| locked(connection).clone()).collect()
    }

    /// Ends every open connection in both directions, as a network that goes away does.
    pub fn cut(&self) {
        for socket in locked(&self.shared.sockets).drain(..) {
            // An error means that the connection is over already.
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}

impl Drop for TeeProxy {
    fn drop(&mut self) {
        self.shared.closing.store(true, Ordering::SeqCst);
        self.cut();
        // Wakes the acceptor, which then sees that it shall close.
        let _ = TcpStream::connect(self.address);
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for client in listener.incoming() {
        if shared.closing.load(Ordering::SeqCst) {
            return;
        }
        // A client that went away before it was accepted leaves nothing to record.
        let Ok(client) = client else { continue };
        let connection = Arc::new(Mutex::new(Connection::default()));
        locked(&shared.connections).push(Arc::clone(&connection));
        match TcpStream::connect(shared.target) {
            Ok(server) => forward_both_ways(client, server, connection, shared),
            Err(_) => locked(&connection).over = true,
        }
    }
}

fn forward_both_ways(client: TcpStream, server: TcpStream, connection: Arc<Mutex<Connection>>, shared: &Arc<Shared>) {
    let started = Instant::now();
    let copies = [client.try_clone(), server.try_clone(), client.try_clone(), server.try_clone()];
    let [Ok(client_reader), Ok(server_reader), Ok(client_handle), Ok(server_handle)] = copies else {
        locked(&connection).over = true;
        return;
    };
    for socket in [&client, &server] {
        // Only costs a little delay when it cannot be set.
        let _ = socket.set_nodelay(true);
    }
    locked(&shared.sockets).extend([client_handle, server_handle]);
    let back = Arc::clone(&connection);
    let to_server = std::thread::spawn({
        let connection = Arc::clone(&connection);
        move || forward(client_reader, server, started, |piece| locked(&connection).to_server.push(piece))
    });
    std::thread::spawn(move || {
        forward(server_reader, client, started, |piece| locked(&back).to_client.push(piece));
        // A panic of the other direction would be a bug of this file, and shows there.
        let _ = to_server.join();
        locked(&back).over = true;
    });
}

/// Copies until the reader ends, keeping each piece before it is passed on: what the far side has seen is recorded.
fn forward(mut from: TcpStream, mut to: TcpStream, started: Instant, mut keep: impl FnMut(Piece)) {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => {
                keep(Piece { at: started.elapsed(), bytes: buffer[..length].to_vec() });
                if to.write_all(&buffer[..length]).is_err() {
                    // The far side is gone; tell the near side, or it would write for ever.
                    let _ = from.shutdown(Shutdown::Both);
                    break;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // A reset ends the direction as an orderly end does.
            Err(_) => {
                let _ = to.shutdown(Shutdown::Both);
                break;
            }
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

/// A thread that panicked while it held the lock leaves whole pieces behind.
fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers each line `n` with n bytes of the value n, then waits for the next.
    fn byte_server() -> SocketAddr {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                std::thread::spawn(move || answer(stream));
            }
        });
        address
    }

    fn answer(mut stream: TcpStream) {
        let mut count = [0];
        while stream.read_exact(&mut count).is_ok() {
            if stream.write_all(&vec![count[0]; usize::from(count[0])]).is_err() {
                return;
            }
        }
    }

    fn until_over(proxy: &TeeProxy) -> Vec<Connection> {
        loop {
            let connections = proxy.connections();
            if connections.iter().all(|connection| connection.over) {
                return connections;
            }
            std::thread::yield_now();
        }
    }

    #[test]
    fn the_bytes_of_both_directions_are_kept_for_each_connection() {
        let proxy = TeeProxy::start(byte_server()).unwrap();
        for counts in [[3, 200], [1, 255]] {
            let mut client = TcpStream::connect(proxy.address()).unwrap();
            for count in counts {
                client.write_all(&[count]).unwrap();
                let mut answer = vec![0; usize::from(count)];
                client.read_exact(&mut answer).unwrap();
                assert_eq!(answer, vec![count; usize::from(count)], "the proxy passes every byte on");
            }
        }
        let connections = until_over(&proxy);
        assert_eq!(connections.len(), 2);
        assert_eq!(connections[0].sent(), [3, 200]);
        assert_eq!(connections[0].received(), [vec![3; 3], vec![200; 200]].concat());
        assert_eq!(connections[1].sent(), [1, 255]);
        let times: Vec<_> = connections[1].to_client.iter().map(|piece| piece.at).collect();
        assert!(times.is_sorted(), "pieces are kept in the order they came: {times:?}");
    }

    #[test]
    fn what_the_client_has_seen_is_recorded_before_it_sees_it() {
        let proxy = TeeProxy::start(byte_server()).unwrap();
        let mut client = TcpStream::connect(proxy.address()).unwrap();
        for count in 1..=100_u8 {
            client.write_all(&[count]).unwrap();
            client.read_exact(&mut vec![0; usize::from(count)]).unwrap();
            let seen: usize = (1..=usize::from(count)).sum();
            assert_eq!(proxy.connections()[0].received().len(), seen);
        }
    }

    #[test]
    fn a_cut_ends_the_connection_for_both_sides() {
        let proxy = TeeProxy::start(byte_server()).unwrap();
        let mut client = TcpStream::connect(proxy.address()).unwrap();
        client.write_all(&[7]).unwrap();
        client.read_exact(&mut [0; 7]).unwrap();
        proxy.cut();
        assert!(matches!(client.read(&mut [0]), Ok(0) | Err(_)), "no byte comes after the cut");
        assert_eq!(until_over(&proxy)[0].sent(), [7]);
    }

    #[test]
    fn a_server_that_refuses_gives_a_connection_without_bytes() {
        let nobody = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
        let proxy = TeeProxy::start(nobody).unwrap();
        let mut client = TcpStream::connect(proxy.address()).unwrap();
        assert!(matches!(client.read(&mut [0]), Ok(0) | Err(_)));
        assert_eq!(until_over(&proxy), vec![Connection { over: true, ..Connection::default() }]);
    }
}
