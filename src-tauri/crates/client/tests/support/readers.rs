//! What holds for any text that is given to a reader of files: it comes back with something or with an error that says
//! where, and it never falls over. Shared by the property tests and the fuzz targets.

use juxta_client::import::{curl, har, jsonl};
use juxta_wire::error::AppError;

/// Any bytes as a curl command.
pub fn check_curl(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match curl::parse(text) {
        Ok(command) => {
            assert!(command.url.host_str().is_some_and(|host| !host.is_empty()), "an address has a host");
            assert!(
                command.url.username().is_empty() && command.url.password().is_none(),
                "no key stays in the address"
            );
            assert!(!command.method.is_empty() || text.contains("-X"), "there is a method");
            for header in &command.headers {
                // Taking a value apart must work for each of them, whatever it is called.
                let _ = (header.value(true), header.value(false));
            }
            assert_eq!(curl::parse(text).as_ref(), Ok(&command), "the same text is the same command");
        }
        Err(error) => says_what_to_do(&error, "curl"),
    }
}

/// Any bytes as an archive, and as lines.
pub fn check_files(bytes: &[u8]) {
    match har::read(bytes) {
        Ok(file) => {
            for call in file.runs.iter().flat_map(|run| &run.calls) {
                assert!(call.cell.state.is_over(), "nothing that is read is still running");
            }
            for answer in file.entries.iter().filter_map(|entry| entry.answer.as_ref()) {
                let chunks =
                    answer.arrivals.iter().filter(|arrival| arrival.kind == juxta_client::recorded::ArrivalKind::Chunk);
                let told: u64 = chunks.map(|chunk| u64::from(chunk.length)).sum();
                assert_eq!(told, answer.body.len() as u64, "every byte came at some time");
                assert!(answer.arrivals.is_sorted_by_key(|arrival| arrival.at), "time goes forward");
            }
        }
        Err(error) => says_what_to_do(&error, "file"),
    }
    match jsonl::read(bytes) {
        Ok(file) => {
            for request in &file.requests {
                assert!(request.line > 0 && request.body.starts_with('{'));
            }
        }
        Err(error) => says_what_to_do(&error, "file"),
    }
}

fn says_what_to_do(error: &AppError, field: &str) {
    match error {
        AppError::Invalid { field: found, message } => {
            assert_eq!(found, field);
            assert!(!message.is_empty() && message.len() < 4000, "{message}");
        }
        other => panic!("{other:?}"),
    }
}
