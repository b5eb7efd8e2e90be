//! Which rows of a table are sent.

use juxta_wire::matrix::RowChoice;

/// Stretches of rows from 0, in order and apart from each other: the first of each, and the one behind its last.
///
/// # Errors
/// In words that say what to do.
pub(super) fn chosen(choice: &RowChoice, rows: u64) -> Result<Vec<(u64, u64)>, String> {
    if rows == 0 {
        return Err("The table has no rows".to_owned());
    }
    match choice {
        RowChoice::All => Ok(vec![(0, rows)]),
        RowChoice::First { count: 0 } => Err("Choose one row at least".to_owned()),
        RowChoice::First { count } => Ok(vec![(0, rows.min(*count))]),
        RowChoice::Numbers { text } => numbers(text, rows),
    }
}

fn numbers(text: &str, rows: u64) -> Result<Vec<(u64, u64)>, String> {
    let mut stretches = Vec::new();
    for item in text.split([',', ';']).map(str::trim).filter(|item| !item.is_empty()) {
        let (first, last) = item.split_once(['-', '–']).unwrap_or((item, item));
        let number = |text: &str| text.trim().parse::<u64>().ok().filter(|number| *number > 0);
        let (Some(first), Some(last)) = (number(first), number(last)) else {
            return Err(format!("“{item}” is no row. Rows are written as 1-20, 35"));
        };
        if first > last {
            return Err(format!("“{item}” ends before it begins"));
        }
        if last > rows {
            return Err(match rows {
                1 => format!("There is no row {last}: the table has 1 row"),
                rows => format!("There is no row {last}: the table has {rows} rows"),
            });
        }
        stretches.push((first - 1, last));
    }
    if stretches.is_empty() {
        return Err("Choose one row at least, as in 1-20, 35".to_owned());
    }
    stretches.sort_unstable();
    let mut apart: Vec<(u64, u64)> = Vec::new();
    for (from, to) in stretches {
        match apart.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => apart.push((from, to)),
        }
    }
    Ok(apart)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<(u64, u64)>, String> {
        chosen(&RowChoice::Numbers { text: text.to_owned() }, 40)
    }

    #[test]
    fn rows_are_counted_as_people_count_them_and_each_is_sent_once() {
        assert_eq!(read("1-20, 35"), Ok(vec![(0, 20), (34, 35)]));
        assert_eq!(read("35; 1–3,2-5,6"), Ok(vec![(0, 6), (34, 35)]));
        assert_eq!(read(" 40 "), Ok(vec![(39, 40)]));
        assert_eq!(chosen(&RowChoice::First { count: 7 }, 3), Ok(vec![(0, 3)]));
        assert_eq!(chosen(&RowChoice::All, 3), Ok(vec![(0, 3)]));
    }

    #[test]
    fn what_is_no_row_is_said() {
        for (text, part) in
            [("", "one row"), ("0", "“0”"), ("5-2", "before it begins"), ("39-41", "no row 41"), ("one", "“one”")]
        {
            assert!(read(text).is_err_and(|problem| problem.contains(part)), "{text}");
        }
        assert!(chosen(&RowChoice::All, 0).is_err());
        assert!(chosen(&RowChoice::First { count: 0 }, 5).is_err());
    }
}
