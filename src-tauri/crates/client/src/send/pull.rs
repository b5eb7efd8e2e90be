//! Takes a body from the socket, chunk by chunk, until it ends, breaks, falls silent or is stopped.
//!
//! This is the hot loop: for each chunk one look at the clock and one call to the intake, and whatever is ready is taken
//! without going back to the scheduler.

use std::future::poll_fn;
use std::pin::pin;
use std::task::{Poll, Waker};
use std::time::Duration;

use http_body::Body as _;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::trace::Trace;

/// How often a body that is silent still gives its intake a moment, so that what was taken in reaches the disk.
const PULSE: Duration = Duration::from_millis(250);

/// Chunks taken in a row before other tasks get a turn: about a millisecond. A turn that is given up wakes another
/// thread, which costs as much as several chunks.
const TURN: u32 = 1024;

/// Where the chunks go.
pub(super) trait Intake {
    /// `at` counts microseconds since the call began. `false` wants no more.
    fn chunk(&mut self, at: u64, bytes: &[u8]) -> bool;
    /// Nothing more is ready now.
    fn idle(&mut self);
    /// Silence after which the body is given up.
    fn patience(&self) -> Duration;
}

pub(super) enum Pulled {
    Complete,
    /// The intake wanted no more.
    Enough,
    Stopped,
    Silent,
    Broken(reqwest::Error),
}

/// Pulls until one of the ends. The body is dropped on return, which closes the socket unless it was read to its end.
pub(super) async fn pull(
    body: reqwest::Body,
    intake: &mut impl Intake,
    trace: &Trace,
    cancel: &CancellationToken,
) -> Pulled {
    let mut body = pin!(body);
    let mut cancelled = pin!(cancel.cancelled());
    let mut patience = intake.patience();
    let mut last_chunk = Instant::now();
    let mut silence = pin!(tokio::time::sleep_until(last_chunk + patience));
    let mut pulse = pin!(tokio::time::sleep(PULSE));
    // Stop, pulse and silence wake the task by themselves. They are asked to only when the task's waker is a new one.
    let mut told: Option<Waker> = None;
    let mut in_a_row = 0;
    poll_fn(|context| {
        loop {
            match body.as_mut().poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => {
                    let Ok(bytes) = frame.into_data() else { continue };
                    last_chunk = Instant::now();
                    let at = last_chunk.into_std().saturating_duration_since(trace.began());
                    if !intake.chunk(u64::try_from(at.as_micros()).unwrap_or(u64::MAX), &bytes) {
                        return Poll::Ready(Pulled::Enough);
                    }
                    in_a_row += 1;
                    if in_a_row == TURN {
                        in_a_row = 0;
                        if cancel.is_cancelled() {
                            return Poll::Ready(Pulled::Stopped);
                        }
                        context.waker().wake_by_ref();
                        return Poll::Pending;
                    }
                }
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Pulled::Broken(error)),
                Poll::Ready(None) => return Poll::Ready(Pulled::Complete),
                Poll::Pending => break,
            }
        }
        in_a_row = 0;
        intake.idle();
        if cancel.is_cancelled() {
            return Poll::Ready(Pulled::Stopped);
        }
        let pulsed = pulse.is_elapsed();
        if pulsed {
            pulse.as_mut().reset(Instant::now() + PULSE);
        }
        let news = pulsed || !told.as_ref().is_some_and(|waker| waker.will_wake(context.waker()));
        if intake.patience() != patience {
            patience = intake.patience();
            silence.as_mut().reset(last_chunk + patience);
        } else if silence.is_elapsed() {
            let deadline = last_chunk + patience;
            if Instant::now() >= deadline {
                return Poll::Ready(Pulled::Silent);
            }
            silence.as_mut().reset(deadline);
        } else if !news {
            return Poll::Pending;
        }
        told = Some(context.waker().clone());
        if cancelled.as_mut().poll(context).is_ready() {
            return Poll::Ready(Pulled::Stopped);
        }
        if silence.as_mut().poll(context).is_ready() || pulse.as_mut().poll(context).is_ready() {
            // Its time passed in this very moment; the next turn looks at it.
            context.waker().wake_by_ref();
        }
        Poll::Pending
    })
    .await
}
