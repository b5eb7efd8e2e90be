use juxta_store::{BodyEnd, IndexRecord, RecordKind, StoreError};
use juxta_wire::run::CellState;

use crate::fixtures::{folder, request, run};

#[test]
fn an_exchange_is_kept_byte_for_byte_with_the_time_of_each_event() {
    let folder = folder();
    let mut run = run(1_000, 1, 1);
    folder.store.insert_run(&run).unwrap();
    let cell = &mut run.cells[0];
    cell.state = CellState::Waiting;
    let head = b"POST /v5 HTTP/1.1\r\nx-api-key: \xe2\x80\xa2\xe2\x80\xa2\r\n\r\n";
    let body = [0, 255, 10, 13, 200];
    let mut writer = folder.store.begin_cell(cell, head, &body).unwrap();
    writer.chunk(150, b": hello\n\nda");
    writer.event(151, 0, 9, true);
    writer.chunk(300_000, b"ta: \xff\n\n");
    writer.event(300_001, 9, 9, false);
    assert_eq!(writer.finish().unwrap(), BodyEnd { bytes: 18, events: 1 });

    let store = folder.store.clone();
    assert_eq!(store.request(&cell.id).unwrap(), Some((head.to_vec(), body.to_vec())));
    assert_eq!(store.read_body(&cell.id, 7).unwrap(), (b": hello".to_vec(), 18));
    assert_eq!(store.read_body(&cell.id, u64::MAX).unwrap().0, b": hello\n\ndata: \xff\n\n");
    let record = |kind, at, offset, length| IndexRecord { kind, at, offset, length };
    assert_eq!(
        store.read_index(&cell.id).unwrap(),
        [
            record(RecordKind::Chunk, 150, 0, 11),
            record(RecordKind::Comment, 151, 0, 9),
            record(RecordKind::Chunk, 300_000, 11, 7),
            record(RecordKind::Event, 300_001, 9, 9),
        ]
    );
}

#[test]
fn a_new_attempt_takes_the_place_of_the_last_and_is_counted() {
    let folder = folder();
    let mut run = run(1_000, 1, 1);
    folder.store.insert_run(&run).unwrap();
    let cell = &mut run.cells[0];
    cell.state = CellState::Waiting;
    cell.request = Some(request("{\"try\":1}"));
    let mut first = folder.store.begin_cell(cell, b"first", b"{\"try\":1}").unwrap();
    first.chunk(1, b"slow down, please");
    first.finish().unwrap();

    cell.attempt = 2;
    cell.request = Some(request("{\"try\":2}"));
    let mut second = folder.store.begin_cell(cell, b"second", b"{\"try\":2}").unwrap();
    assert_eq!(folder.store.read_body(&cell.id, 99).unwrap(), (Vec::new(), 0));
    second.chunk(1, b"ok");
    second.finish().unwrap();
    assert_eq!(folder.store.attempts(&cell.id).unwrap(), 2);
    assert_eq!(folder.store.read_body(&cell.id, 99).unwrap(), (b"ok".to_vec(), 2));
    assert_eq!(folder.store.read_index(&cell.id).unwrap().len(), 1);
    assert_eq!(folder.store.request(&cell.id).unwrap(), Some((b"second".to_vec(), b"{\"try\":2}".to_vec())));
    assert_eq!(folder.store.cell(&cell.id).unwrap().as_ref(), Some(&*cell));
}

#[test]
fn a_request_that_differs_from_the_bytes_sent_is_kept_beside_them() {
    let folder = folder();
    let mut run = run(1_000, 1, 1);
    folder.store.insert_run(&run).unwrap();
    let cell = &mut run.cells[0];
    cell.state = CellState::Waiting;
    cell.request = Some(request("as shown"));
    folder.store.begin_cell(cell, b"", b"as sent").unwrap().finish().unwrap();
    assert_eq!(folder.store.cell(&cell.id).unwrap().unwrap().request.unwrap().body, "as shown");
    assert_eq!(folder.store.request(&cell.id).unwrap().unwrap().1, b"as sent");
}

#[test]
fn a_cell_that_was_never_sent_has_an_empty_exchange() {
    let folder = folder();
    let run = run(1_000, 1, 1);
    folder.store.insert_run(&run).unwrap();
    let id = &run.cells[0].id;
    assert_eq!(folder.store.read_body(id, 99).unwrap(), (Vec::new(), 0));
    assert_eq!(folder.store.read_index(id).unwrap(), []);
    assert_eq!(folder.store.request(id).unwrap(), None);
}

#[test]
fn no_id_leads_out_of_the_folder() {
    let folder = folder();
    let outside = juxta_wire::ids::CellId("../../outside".to_owned());
    assert!(matches!(folder.store.read_body(&outside, 9), Err(StoreError::Id { .. })));
}
