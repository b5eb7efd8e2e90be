//! Which character stands between the values of a CSV file.

use super::records::{Cut, Records};

/// In the order of preference.
const KNOWN: [u8; 4] = [b',', b';', b'\t', b'|'];
/// So many rows are looked at.
const ROWS: usize = 20;

/// The separator that cuts the rows of `head` into the same number of values, and into more than one.
pub fn of(head: &[u8]) -> u8 {
    let best = KNOWN.into_iter().rev().max_by_key(|separator| {
        let counts = counts(head, *separator);
        let columns = counts.first().copied().unwrap_or(1);
        let alike = counts.iter().filter(|count| **count == columns).count();
        (columns > 1, alike * 100 / counts.len().max(1), columns)
    });
    best.unwrap_or(b',')
}

/// How many values the first rows have. One that the end of `head` cuts short does not count, unless it is the only one.
fn counts(head: &[u8], separator: u8) -> Vec<usize> {
    let mut records = Records::new(head, Cut::Csv(separator), 0, 1);
    let mut counts = Vec::new();
    while let Ok(Some(record)) = records.next_record() {
        counts.push(record.fields);
    }
    if counts.len() > 1 && !head.ends_with(b"\n") && !head.ends_with(b"\r") {
        counts.pop();
    }
    counts.truncate(ROWS);
    counts
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn the_separator_is_found() {
        for (head, separator) in [
            ("a,b,c\n1,2,3\n", b','),
            ("a;b;c\r\n1,5;2,5;3\r\n", b';'),
            ("a\tb\nx, y\tz; w\n", b'\t'),
            ("a|b\n1|2", b'|'),
            ("\"a,b\";\"c\nd\"\n\"1,2\";3\n", b';'),
            ("text\nHello, you\nAnd, well; so\n", b'\t'),
            ("name;note\nA;one, two, three\nB;four\n", b';'),
            ("alone\n1\n2\n", b','),
            ("", b','),
        ] {
            assert_eq!(char::from(of(head.as_bytes())), char::from(separator), "{head:?}");
        }
    }
}
