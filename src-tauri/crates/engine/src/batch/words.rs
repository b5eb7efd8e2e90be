//! Counts and sizes as they stand in sentences.

/// `12,345`.
pub(crate) fn number(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 line`, `12,345 lines`.
pub(crate) fn counted(count: u64, one: &str, more: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        count => format!("{} {more}", number(count)),
    }
}

/// In powers of 1000: `9.6 MB`.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => counted(bytes, "byte", "bytes"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_commas_and_sizes_a_unit() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(number), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([1, 2_000].map(|count| counted(count, "line", "lines")), ["1 line", "2,000 lines"]);
        let sizes = [1, 999, 65_900, 9_600_000, 1_100_000_000].map(size);
        assert_eq!(sizes, ["1 byte", "999 bytes", "65.9 kB", "9.6 MB", "1.1 GB"]);
    }
}
