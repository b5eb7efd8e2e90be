//! A table whose rows fill variables, as far as a screen shows it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What is known of a table without reading its rows again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct DatasetInfo {
    /// How a draft names the file: relative when it lies in the folder of the prompts.
    pub path: String,
    /// The whole path.
    pub file: String,
    pub form: DatasetForm,
    /// Names of the columns, in their order. The first of two columns with one name fills its variable.
    pub columns: Vec<String>,
    /// Rows that cannot be read are counted too.
    pub rows: u64,
    pub bytes: u64,
    /// How many rows cannot be read.
    pub bad: u64,
    /// The first row that cannot be read.
    pub first_bad: Option<DatasetRow>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export)]
pub enum DatasetForm {
    /// Columns are named by the first row and set apart by this character.
    Csv { separator: String },
    /// A JSON object on each line.
    JsonLines,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct DatasetRow {
    /// From 0.
    pub row: u64,
    /// Where it begins in the file, from 1.
    pub line: u64,
    /// One for each column; `null` where an object has no such member. Empty when the row cannot be read.
    pub cells: Vec<Option<String>>,
    /// Why the row cannot be read.
    pub problem: Option<String>,
}

/// Rows in which a text was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FoundRows {
    pub rows: Vec<u64>,
    /// There are more than these.
    pub more: bool,
}

/// What a run is as a row of a table, before it is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct TestRow {
    /// The table of its draft, or else a new file in the folder of the prompts.
    pub path: String,
    /// Values of the variables that it was sent with or is checked by.
    pub values: Vec<TestValue>,
    pub answer: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct TestValue {
    /// Name of the column.
    pub name: String,
    pub value: String,
}

/// A row that was added to a table, with what it takes to take it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct AddedRow {
    /// As a draft names the file.
    pub path: String,
    /// The whole path.
    pub file: String,
    /// From 0.
    pub row: u64,
    /// There was no such file before.
    pub is_new: bool,
    /// Bytes of the file before and after.
    pub before: u64,
    pub after: u64,
    /// Of what was added.
    pub digest: String,
}
