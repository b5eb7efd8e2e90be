use juxta_store::{BatchHeld, StoredBatch};
use juxta_wire::batch::{BatchCounts, BatchJob, BatchProgress, BatchState, MetadataEntry};
use juxta_wire::ids::{BatchId, ConnectionId};

use crate::fixtures::folder;

fn batch(name: &str) -> StoredBatch {
    let job = BatchJob {
        id: BatchId::new(),
        name: name.to_owned(),
        connection: ConnectionId::new(),
        endpoint: None,
        model: Some("sandbox/short".to_owned()),
        state: BatchState::Sending,
        provider_id: None,
        provider_state: None,
        counts: BatchCounts { total: 3, done: 1, failed: 1 },
        window: Some("24h".to_owned()),
        url: Some("s3://bucket/a".to_owned()),
        metadata: vec![MetadataEntry { name: "größe\"\\".to_owned(), value: "東京\u{2028}".to_owned() }],
        problem: None,
        retry_of: None,
        made_at: 1,
        sent_at: Some(2),
        ended_at: None,
        next_check: Some(u64::from(u32::MAX) * 1000),
        progress: vec![BatchProgress { at: 5, over: 2 }],
        fetched: false,
    };
    let held = BatchHeld { submitted: true, wait: 3_000, failures: 2 };
    StoredBatch { job, held }
}

#[test]
fn a_batch_is_there_after_a_restart_with_all_it_takes_to_go_on() {
    let folder = folder();
    let (first, mut second) = (batch("one"), batch(""));
    for batch in [&first, &second] {
        folder.store.save_batch(batch).unwrap();
    }
    second.job.state = BatchState::Queued;
    second.job.provider_id = Some("batch_1".to_owned());
    folder.store.save_batch(&second).unwrap();
    folder.store.sync().unwrap();
    let folder = folder.reopen();
    folder.store.sync().expect("without a log too");
    assert_eq!(folder.store.batches().unwrap(), [first.clone(), second.clone()]);
    assert_eq!(folder.store.batch(&second.job.id).unwrap(), Some(second.clone()));
    folder.store.delete_batch(&first.job.id).unwrap();
    folder.store.delete_batch(&first.job.id).unwrap();
    assert_eq!(folder.store.batch(&first.job.id).unwrap(), None);
    assert_eq!(folder.store.batches().unwrap(), [second]);
}
