//! Playing actions on a socket. The body pulls: nothing is generated that the caller does not take, and when the caller
//! hangs up, the body is dropped and generation ends with it.

use std::io;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use tokio::time::Instant;

use crate::action::{Action, Actions};
use crate::chance::Chance;
use crate::listen::ResetSwitch;
use crate::state::UnderWay;

/// Long enough for the bytes before a break to reach the caller's side.
const BEFORE_BREAK: Duration = Duration::from_millis(40);

/// How fast tokens come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Pace {
    pub(crate) first_token: Duration,
    /// `None` is as fast as the caller takes them.
    pub(crate) tokens_per_second: Option<f64>,
}

impl Pace {
    pub(crate) const FLAT_OUT: Self = Self { first_token: Duration::ZERO, tokens_per_second: None };

    /// A rate that somebody asked for. 0 or less is flat out.
    pub(crate) fn at(self, tokens_per_second: f64) -> Self {
        if tokens_per_second > 0.0 && tokens_per_second.is_finite() {
            Self { tokens_per_second: Some(tokens_per_second), ..self }
        } else {
            Self::FLAT_OUT
        }
    }

    /// How long an answer that comes in one piece takes; a person should not wait longer than ten seconds for it.
    pub(crate) fn whole(self, tokens: usize) -> Duration {
        let typing = self.tokens_per_second.map_or(0.0, |rate| tokens as f64 / rate);
        (self.first_token + Duration::from_secs_f64(typing.min(10.0))).min(Duration::from_secs(10))
    }
}

/// When each token is due. Deadlines are absolute, so an oversleep is caught up and the average rate holds; the gaps
/// between them vary by a seeded generator, as real ones do.
struct Clock {
    pace: Pace,
    due: Instant,
    chance: Chance,
}

impl Clock {
    fn new(pace: Pace) -> Self {
        Self { pace, due: Instant::now() + pace.first_token, chance: Chance::new(1) }
    }

    fn next_due(&mut self) -> Option<Instant> {
        let rate = self.pace.tokens_per_second?;
        self.due += Duration::from_secs_f64(gap(&mut self.chance) / rate);
        Some(self.due)
    }
}

/// A gap in units of the average gap: mostly even, now and then a breath.
fn gap(chance: &mut Chance) -> f64 {
    let base = 0.35 + 1.1 * chance.fraction();
    if chance.below(20) == 0 { base + 2.0 } else { base }
}

struct Play {
    actions: Actions,
    clock: Clock,
    reset: ResetSwitch,
    left_to_dribble: Bytes,
    _under_way: UnderWay,
}

/// A body that does what `actions` say.
pub(crate) fn body(actions: Actions, pace: Pace, reset: ResetSwitch, under_way: UnderWay) -> Body {
    let play = Play { actions, clock: Clock::new(pace), reset, left_to_dribble: Bytes::new(), _under_way: under_way };
    Body::from_stream(stream::unfold(play, |mut play| async move {
        let piece = play.next().await?;
        Some((piece, play))
    }))
}

impl Play {
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        if !self.left_to_dribble.is_empty() {
            // A pause, however short, makes the connection flush what it has.
            tokio::task::yield_now().await;
            return Some(Ok(self.left_to_dribble.split_to(1)));
        }
        loop {
            match self.actions.next()? {
                Action::Begin => tokio::time::sleep_until(self.clock.due).await,
                Action::Token => {
                    if let Some(due) = self.clock.next_due()
                        && due > Instant::now()
                    {
                        tokio::time::sleep_until(due).await;
                    }
                }
                Action::Pause(pause) => tokio::time::sleep(pause).await,
                Action::Send(bytes) if bytes.is_empty() => {}
                Action::Send(bytes) => return Some(Ok(bytes)),
                Action::SendByByte(bytes) => {
                    self.left_to_dribble = bytes;
                    if !self.left_to_dribble.is_empty() {
                        return Some(Ok(self.left_to_dribble.split_to(1)));
                    }
                }
                Action::Hang => std::future::pending().await,
                Action::Break => {
                    tokio::time::sleep(BEFORE_BREAK).await;
                    return Some(Err(io::Error::new(io::ErrorKind::ConnectionAborted, "the scenario breaks here")));
                }
                Action::Reset => {
                    tokio::time::sleep(BEFORE_BREAK).await;
                    self.reset.throw();
                    return Some(Err(io::Error::new(io::ErrorKind::ConnectionReset, "the scenario resets here")));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_vary_and_average_to_one() {
        let mut chance = Chance::new(1);
        let gaps: Vec<f64> = (0..20_000).map(|_| gap(&mut chance)).collect();
        let average = gaps.iter().sum::<f64>() / gaps.len() as f64;
        assert!((average - 1.0).abs() < 0.03, "the asked rate is the real rate, not {average} of it");
        assert!(gaps.iter().all(|gap| *gap > 0.3));
        assert!(gaps.iter().any(|gap| *gap > 2.0));
    }

    #[test]
    fn a_rate_of_zero_is_flat_out() {
        let pace = Pace { first_token: Duration::from_millis(200), tokens_per_second: Some(80.0) };
        assert_eq!(pace.at(0.0), Pace::FLAT_OUT);
        assert_eq!(pace.at(f64::NAN), Pace::FLAT_OUT);
        assert_eq!(pace.at(5.0).tokens_per_second, Some(5.0));
        assert_eq!(pace.at(5.0).first_token, pace.first_token);
    }
}
