//! Limits of a matrix as its provider sees them.

use std::time::{Duration, Instant};

use super::{Heard, answers, begin, connect, plan};
use juxta_tests::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn no_minute_has_more_calls_than_allowed() {
    let world = World::start().await;
    let provider = answers(0);
    let connection = connect(&world, &provider);
    let mut plan = plan(&world, &connection, 1, 1);
    plan.limits.per_minute = Some(300);
    let mut heard = Heard::of(&world);
    let start = Instant::now();
    begin(&world, plan).await;
    assert_eq!(heard.end().await.counts.finished, 18);
    let came = provider.counted().came;
    assert_eq!(came.len(), 18);
    // A slow machine makes calls later, and none earlier.
    for (at, came) in (0..).zip(came) {
        let least = Duration::from_millis(200) * at;
        assert!(came - start >= least, "call {at} came after {:?}, and not before {least:?} it may", came - start);
    }
}
