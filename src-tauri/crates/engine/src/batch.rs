//! Batches: files of requests that a provider answers when it has time.
//!
//! `batches/<id>/` in the data folder holds what is true of one: `input.jsonl` as it was made, `mends.json`, `table.jsonl`
//! where it was made of a table, `request.jsonl` as it is sent, `output.jsonl` and `errors.jsonl` as they came, and
//! `object.json`, the provider's last word. The database has one row for each batch, and none for its lines.
