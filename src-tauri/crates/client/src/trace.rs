//! Where the time before an answer goes.
//!
//! The HTTP library has no hooks for this, so a [`Trace`] travels beside each call in a task-local, and the places that
//! know a moment write it down: our DNS resolver, a layer around the whole connect, the TLS session store (which is
//! asked for a ticket in the instant the ClientHello is made, that is: when TCP stands), and the request body as it is
//! drained.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use juxta_wire::timing::{Phases, Span};

tokio::task_local! {
    /// The call whose future is being polled.
    pub(crate) static CALL: Arc<Trace>;
    /// The call that a connect was begun for. It outlives `CALL` where a connect goes on in the background.
    pub(crate) static CONNECTING: Arc<Trace>;
}

/// Moments of one call, in microseconds since it began.
#[derive(Debug)]
pub(crate) struct Trace {
    began: Instant,
    moments: Mutex<Moments>,
    /// Certificates in DER form that the last connect was not content with, the server's own first.
    refused: Mutex<Vec<Vec<u8>>>,
}

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Moments {
    /// Counts changes, so that a watcher knows when to look.
    changes: u32,
    /// When this hop (the call itself, or a redirect followed) began.
    hop: u64,
    connect_start: Option<u64>,
    dns_start: Option<u64>,
    dns_end: Option<u64>,
    dns_failed: bool,
    tls_start: Option<u64>,
    /// The connection was usable.
    connected: Option<u64>,
    /// The connect failed, or was given up.
    failed: Option<u64>,
    /// An idle connection came free first, and the connect went on in the background for somebody else.
    outrun: bool,
    /// The last bytes of the request that were taken for sending so far.
    progress: Option<u64>,
    sent: Option<u64>,
    head: Option<u64>,
    end: Option<u64>,
}

impl Trace {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { began: Instant::now(), moments: Mutex::default(), refused: Mutex::default() })
    }

    pub(crate) fn began(&self) -> Instant {
        self.began
    }

    /// Microseconds since the call began.
    pub(crate) fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn note(&self, write: impl FnOnce(&mut Moments, u64)) {
        let now = self.now();
        let mut moments = self.moments.lock().unwrap_or_else(PoisonError::into_inner);
        moments.changes += 1;
        write(&mut moments, now);
    }

    pub(crate) fn moments(&self) -> Moments {
        *self.moments.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A redirect is followed: what counts from here on is the new hop.
    pub(crate) fn next_hop(&self) {
        self.note(|moments, now| *moments = Moments { changes: moments.changes, hop: now, ..Moments::default() });
    }

    pub(crate) fn refused(&self) -> Vec<Vec<u8>> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn certificates_refused(&self, chain: Vec<Vec<u8>>) {
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = chain;
    }

    pub(crate) fn connect_started(&self) {
        self.certificates_refused(Vec::new());
        self.note(|moments, now| {
            *moments =
                Moments { changes: moments.changes, hop: moments.hop, connect_start: Some(now), ..Moments::default() }
        });
    }

    pub(crate) fn dns_started(&self) {
        self.note(|moments, now| moments.dns_start = Some(now));
    }

    pub(crate) fn dns_ended(&self, found: bool) {
        self.note(|moments, now| {
            moments.dns_end = Some(now);
            moments.dns_failed = !found;
        });
    }

    /// Called for each TLS session; a proxy reached over TLS makes two, and the first one counts.
    pub(crate) fn tls_started(&self) {
        self.note(|moments, now| {
            moments.tls_start.get_or_insert(now);
        });
    }

    pub(crate) fn connect_ended(&self, usable: bool) {
        self.note(|moments, now| match usable {
            true => moments.connected = Some(now),
            false => moments.failed = Some(now),
        });
    }

    pub(crate) fn outrun(&self) {
        if !self.moments().outrun {
            self.note(|moments, _| moments.outrun = true);
        }
    }

    pub(crate) fn body_taken(&self, last: bool) {
        self.note(|moments, now| {
            moments.progress = Some(now);
            if last {
                moments.sent = Some(now);
            }
        });
    }

    pub(crate) fn head_arrived(&self) -> u64 {
        self.note(|moments, now| moments.head = Some(now));
        self.moments().head.unwrap_or_default()
    }

    pub(crate) fn ended(&self) -> u64 {
        self.note(|moments, now| moments.end = Some(now));
        self.moments().end.unwrap_or_default()
    }
}

impl Moments {
    pub(crate) fn changes(&self) -> u32 {
        self.changes
    }

    /// The connect belongs to this call, not to the background.
    fn own_connect(&self) -> Option<u64> {
        self.connect_start.filter(|_| !self.outrun)
    }

    /// A connect of this call has begun and does not stand.
    pub(crate) fn is_connecting(&self) -> bool {
        self.own_connect().is_some() && self.connected.is_none()
    }

    pub(crate) fn in_dns(&self) -> bool {
        self.dns_start.is_some() && (self.dns_end.is_none() || self.dns_failed)
    }

    pub(crate) fn tls_started(&self) -> bool {
        self.tls_start.is_some()
    }

    pub(crate) fn is_sent(&self) -> bool {
        self.sent.is_some()
    }

    /// The latest sign that something moved before the answer came.
    pub(crate) fn last_progress(&self) -> u64 {
        self.progress.into_iter().chain(self.connected).fold(self.hop, u64::max)
    }

    pub(crate) fn phases(&self) -> Phases {
        let own = self.own_connect();
        let over = self.connected.or(self.failed);
        let tcp_start = self.dns_end.or(own);
        let reused_connection =
            (self.head.is_some() || self.sent.is_some()) && (own.is_none() || self.connected.is_none());
        let usable = match reused_connection {
            true => Some(self.hop),
            false => self.connected,
        };
        let tls_start = self.tls_start.filter(|_| own.is_some());
        Phases {
            dns: own.and(span(self.dns_start, self.dns_end)),
            connect: match self.dns_failed || own.is_none() || reused_connection {
                true => None,
                false => span(tcp_start, tls_start.or(over)),
            },
            tls: span(tls_start, over),
            send: span(usable, self.sent),
            wait: span(self.sent.or(usable), self.head),
            receive: span(self.head, self.end),
            reused_connection,
        }
    }
}

fn span(start: Option<u64>, end: Option<u64>) -> Option<Span> {
    let (start, end) = (start?, end?);
    Some(Span { start: milliseconds(start), end: milliseconds(end.max(start)) })
}

pub(crate) fn milliseconds(microseconds: u64) -> f64 {
    // Exact below 2^53 microseconds, which is 285 years.
    microseconds as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: f64, end: f64) -> Option<Span> {
        Some(Span { start: milliseconds, end })
    }

    #[test]
    fn a_new_tls_connection_has_every_phase() {
        let moments = Moments {
            connect_start: Some(1_000),
            dns_start: Some(1_500),
            dns_end: Some(3_000),
            tls_start: Some(4_000),
            connected: Some(6_000),
            sent: Some(6_500),
            head: Some(9_000),
            end: Some(20_000),
            ..Moments::default()
        };
        let expected = Phases {
            dns: at(1.5, 3.0),
            connect: at(3.0, 4.0),
            tls: at(4.0, 6.0),
            send: at(6.0, 6.5),
            wait: at(6.5, 9.0),
            receive: at(9.0, 20.0),
            reused_connection: false,
        };
        assert_eq!(moments.phases(), expected);
    }

    #[test]
    fn a_reused_connection_has_neither_dns_nor_connect_nor_tls() {
        let reused = Moments { sent: Some(500), head: Some(2_000), ..Moments::default() };
        let expected = Phases { send: at(0.0, 0.5), wait: at(0.5, 2.0), reused_connection: true, ..Phases::default() };
        assert_eq!(reused.phases(), expected);
        // The connect that lost the race against a free connection is nobody's phase.
        let outrun = Moments {
            connect_start: Some(10),
            dns_start: Some(20),
            dns_end: Some(30),
            connected: Some(700),
            outrun: true,
            ..reused
        };
        assert_eq!(outrun.phases(), expected);
    }

    #[test]
    fn phases_that_were_not_reached_stay_unknown() {
        let no_name = Moments {
            connect_start: Some(0),
            dns_start: Some(0),
            dns_end: Some(900),
            dns_failed: true,
            failed: Some(950),
            ..Moments::default()
        };
        assert_eq!(no_name.phases(), Phases { dns: at(0.0, 0.9), ..Phases::default() });

        let refused = Moments { connect_start: Some(0), failed: Some(800), ..Moments::default() };
        assert_eq!(refused.phases(), Phases { connect: at(0.0, 0.8), ..Phases::default() });

        let no_trust = Moments { tls_start: Some(300), ..refused };
        assert_eq!(no_trust.phases(), Phases { connect: at(0.0, 0.3), tls: at(0.3, 0.8), ..Phases::default() });
    }
}
