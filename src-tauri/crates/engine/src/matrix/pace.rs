//! How fast a matrix calls one connection: no more at a time than it may, no more a minute, and fewer while the provider
//! says that there are too many.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::run::feed::lock;

/// What is waited for after a refusal that names no time.
const OWN_WAIT: Duration = Duration::from_secs(1);
/// A provider that asks for more is asked again after this.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

/// The calls of one connection. What is decided is a function of its state and the time ([`State`]).
pub(crate) struct Pace {
    state: Mutex<State>,
    changed: Notify,
}

/// The right to make one call, until it is dropped.
pub(crate) struct Place {
    pace: Arc<Pace>,
    /// A refusal of a call that began before the last slowing down says nothing new.
    began: Instant,
}

impl Drop for Place {
    fn drop(&mut self) {
        lock(&self.pace.state).in_flight -= 1;
        self.pace.changed.notify_waiters();
    }
}

impl Place {
    /// The provider said that there were too many calls.
    pub fn refused(&self, retry_after: Option<f64>) {
        let asked =
            retry_after.filter(|seconds| *seconds > 0.0).and_then(|asked| Duration::try_from_secs_f64(asked).ok());
        lock(&self.pace.state).refused(Instant::now(), self.began, asked.unwrap_or(OWN_WAIT).min(LONGEST_WAIT));
        self.pace.changed.notify_waiters();
    }

    pub fn succeeded(&self) {
        lock(&self.pace.state).succeeded();
        self.pace.changed.notify_waiters();
    }
}

/// A cell that was begun, until it is dropped. Between the steps of a dialogue it has no place.
pub(crate) struct Open {
    pace: Arc<Pace>,
}

impl Drop for Open {
    fn drop(&mut self) {
        lock(&self.pace.state).open -= 1;
        self.pace.changed.notify_waiters();
    }
}

/// Which call asks for a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// The first of a cell. It waits behind those that go on with one.
    First,
    Next,
}

impl Pace {
    pub fn new(most: u32, per_minute: Option<u32>) -> Self {
        Self { state: Mutex::new(State::new(most, per_minute)), changed: Notify::new() }
    }

    pub fn set_limits(&self, most: u32, per_minute: Option<u32>) {
        lock(&self.state).set_limits(most, per_minute);
        self.changed.notify_waiters();
    }

    /// How many calls the person allows at a time.
    pub fn most(&self) -> u32 {
        lock(&self.state).most
    }

    /// How many calls may be in flight now, when that is fewer than the person allows.
    pub fn slowed_to(&self) -> Option<u32> {
        let state = lock(&self.state);
        (state.allowed < state.most).then_some(state.allowed)
    }

    /// How long the next call has to wait for the provider's sake.
    pub fn wait(&self) -> Duration {
        lock(&self.state).not_before.map_or(Duration::ZERO, |at| at.saturating_duration_since(Instant::now()))
    }

    /// Waits until another cell may begin, with its first call. `None` once `stop` is cancelled.
    pub async fn begin(self: &Arc<Self>, stop: &CancellationToken) -> Option<(Place, Open)> {
        let place = self.place(Turn::First, stop).await?;
        Some((place, Open { pace: Arc::clone(self) }))
    }

    /// Waits for the turn of another call of a cell. `None` once `stop` is cancelled.
    pub async fn next(self: &Arc<Self>, stop: &CancellationToken) -> Option<Place> {
        let _waiting = Waiting::new(self);
        self.place(Turn::Next, stop).await
    }

    async fn place(self: &Arc<Self>, turn: Turn, stop: &CancellationToken) -> Option<Place> {
        loop {
            // Before the state is looked at: a change in between is not slept through.
            let changed = self.changed.notified();
            if stop.is_cancelled() {
                return None;
            }
            let now = Instant::now();
            let answer = lock(&self.state).try_begin(now, turn);
            let sleep = match answer {
                Answer::Begins => return Some(Place { pace: Arc::clone(self), began: now }),
                Answer::At(at) => Some(at),
                Answer::WhenSomethingChanges => None,
            };
            let sleep = async {
                match sleep {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = stop.cancelled() => return None,
                () = changed => {}
                () = sleep => {}
            }
        }
    }
}

/// Somebody waits to go on with a cell.
struct Waiting(Arc<Pace>);

impl Waiting {
    fn new(pace: &Arc<Pace>) -> Self {
        lock(&pace.state).waiting_next += 1;
        Self(Arc::clone(pace))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        lock(&self.0.state).waiting_next -= 1;
        self.0.changed.notify_waiters();
    }
}

#[derive(Debug, PartialEq)]
enum Answer {
    Begins,
    At(Instant),
    WhenSomethingChanges,
}

struct State {
    most: u32,
    per_minute: Option<u32>,
    /// At most `most`, at least 1.
    allowed: u32,
    in_flight: u32,
    /// Cells that are not over.
    open: u32,
    waiting_next: u32,
    /// Answers since `allowed` changed.
    successes: u32,
    slowed_at: Option<Instant>,
    not_before: Option<Instant>,
    /// Before it a next call would be one too many for its minute.
    next_begin: Option<Instant>,
}

impl State {
    fn new(most: u32, per_minute: Option<u32>) -> Self {
        let most = most.max(1);
        Self {
            most,
            per_minute: per_minute.filter(|count| *count > 0),
            allowed: most,
            in_flight: 0,
            open: 0,
            waiting_next: 0,
            successes: 0,
            slowed_at: None,
            not_before: None,
            next_begin: None,
        }
    }

    fn set_limits(&mut self, most: u32, per_minute: Option<u32>) {
        let is_slowed = self.allowed < self.most;
        self.most = most.max(1);
        self.allowed = if is_slowed { self.allowed.min(self.most) } else { self.most };
        self.per_minute = per_minute.filter(|count| *count > 0);
        self.next_begin = None;
    }

    fn try_begin(&mut self, now: Instant, turn: Turn) -> Answer {
        let must_wait = turn == Turn::First && (self.waiting_next > 0 || self.open >= self.most);
        if must_wait || self.in_flight >= self.allowed {
            return Answer::WhenSomethingChanges;
        }
        if let Some(at) = [self.not_before, self.next_begin].into_iter().flatten().max().filter(|at| *at > now) {
            return Answer::At(at);
        }
        // At equal distances: a provider that counts by the second is not met with a minute's calls at once.
        self.next_begin = self.per_minute.map(|count| now + Duration::from_secs(60) / count);
        self.in_flight += 1;
        self.open += u32::from(turn == Turn::First);
        Answer::Begins
    }

    /// Half as many as before, once for all calls that were in flight together.
    fn refused(&mut self, now: Instant, began: Instant, wait: Duration) {
        let until = now + wait;
        self.not_before = Some(self.not_before.map_or(until, |before| before.max(until)));
        if self.slowed_at.is_none_or(|slowed_at| began > slowed_at) {
            self.allowed = (self.allowed / 2).max(1);
            self.slowed_at = Some(now);
            self.successes = 0;
        }
    }

    /// One more after as many answers as there may be calls at a time.
    fn succeeded(&mut self) {
        if self.allowed >= self.most {
            return;
        }
        self.successes += 1;
        if self.successes >= self.allowed {
            self.allowed += 1;
            self.successes = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_round_of_refusals_halves_once_and_a_round_of_answers_adds_one() {
        let start = Instant::now();
        let mut state = State::new(8, None);
        for _ in 0..8 {
            assert_eq!(state.try_begin(start, Turn::First), Answer::Begins);
        }
        assert_eq!(state.try_begin(start, Turn::First), Answer::WhenSomethingChanges);
        for _ in 0..8 {
            state.refused(start + SECOND, start, SECOND);
            state.in_flight -= 1;
            state.open -= 1;
        }
        assert_eq!(state.allowed, 4, "they were in flight together");
        assert_eq!(state.try_begin(start + SECOND, Turn::First), Answer::At(start + 2 * SECOND));
        assert_eq!(state.try_begin(start + 2 * SECOND, Turn::First), Answer::Begins);
        state.refused(start + 3 * SECOND, start + 2 * SECOND, SECOND);
        assert_eq!(state.allowed, 2);
        (0..2 + 3 + 4).for_each(|_| state.succeeded());
        assert_eq!(state.allowed, 5);
        (0..100).for_each(|_| state.succeeded());
        assert_eq!(state.allowed, 8, "never more than the person allows");
    }

    #[test]
    fn one_call_at_a_time_is_the_least() {
        let start = Instant::now();
        let mut state = State::new(1, None);
        for second in 1..5 {
            state.refused(start + SECOND * second, start + SECOND * second, SECOND);
        }
        assert_eq!(state.allowed, 1);
        assert_eq!(State::new(0, Some(0)).allowed, 1);
    }

    #[test]
    fn no_minute_has_more_calls_than_it_may() {
        let start = Instant::now();
        let mut state = State::new(8, Some(20));
        let (mut now, mut begun) = (start, Vec::new());
        while begun.len() < 100 {
            match state.try_begin(now, Turn::First) {
                Answer::Begins => {
                    begun.push(now);
                    state.in_flight -= 1;
                    state.open -= 1;
                }
                Answer::At(at) => now = at,
                Answer::WhenSomethingChanges => unreachable!("there is a place"),
            }
        }
        for (at, first) in begun.iter().enumerate() {
            let in_minute = begun[at..].iter().take_while(|begun| **begun - *first < 60 * SECOND).count();
            assert!(in_minute <= 20, "{in_minute}");
        }
    }

    #[test]
    fn who_goes_on_comes_before_who_begins() {
        let now = Instant::now();
        let mut state = State::new(2, None);
        state.waiting_next = 1;
        assert_eq!(state.try_begin(now, Turn::First), Answer::WhenSomethingChanges);
        assert_eq!(state.try_begin(now, Turn::Next), Answer::Begins);
    }

    #[test]
    fn changed_limits_hold_at_once() {
        let now = Instant::now();
        let mut state = State::new(8, None);
        state.set_limits(3, Some(60));
        assert_eq!(state.allowed, 3);
        state.refused(now + SECOND, now, SECOND);
        assert_eq!(state.allowed, 1);
        state.set_limits(20, None);
        assert_eq!((state.allowed, state.most), (1, 20), "what the provider said still holds");
    }
}
