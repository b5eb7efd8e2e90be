//! Which of the messages before an edit is which after it.

/// More pairs than this are not compared each with each; messages then go together by their place.
const MOST: usize = 1_000_000;

/// For each text of `after`, the one of `before` that it was: the same text, or what stood at its place between two that
/// stayed. Both sides keep their order. `None` equals nothing.
pub fn pair(before: &[Option<String>], after: &[Option<String>]) -> Vec<Option<usize>> {
    let same = |(one, other): &(&Option<String>, &Option<String>)| one.is_some() && one == other;
    let start = before.iter().zip(after).take_while(same).count();
    let end = before[start..].iter().rev().zip(after[start..].iter().rev()).take_while(same).count();
    let (old, new) = (&before[start..before.len() - end], &after[start..after.len() - end]);

    let mut pairs: Vec<Option<usize>> = (0..start).map(Some).collect();
    let mut gap = (0, 0);
    let ends = std::iter::once((old.len(), new.len()));
    for (at, now) in common(old, new).into_iter().chain(ends) {
        // What is left between two messages that stayed goes together in turn.
        let changed = (at - gap.0).min(now - gap.1);
        pairs.extend((0..now - gap.1).map(|step| (step < changed).then_some(start + gap.0 + step)));
        if now < new.len() {
            pairs.push(Some(start + at));
        }
        gap = (at + 1, now + 1);
    }
    pairs.extend((before.len() - end..before.len()).map(Some));
    pairs
}

/// The longest common run of texts, as pairs of places.
fn common(old: &[Option<String>], new: &[Option<String>]) -> Vec<(usize, usize)> {
    if old.len().saturating_mul(new.len()) > MOST {
        return Vec::new();
    }
    let width = new.len() + 1;
    let mut longest = vec![0u32; (old.len() + 1) * width];
    for at in (0..old.len()).rev() {
        for now in (0..new.len()).rev() {
            longest[at * width + now] = match old[at].is_some() && old[at] == new[now] {
                true => longest[(at + 1) * width + now + 1] + 1,
                false => longest[(at + 1) * width + now].max(longest[at * width + now + 1]),
            };
        }
    }
    let (mut at, mut now) = (0, 0);
    let mut pairs = Vec::new();
    while at < old.len() && now < new.len() {
        if old[at].is_some() && old[at] == new[now] {
            pairs.push((at, now));
            (at, now) = (at + 1, now + 1);
        } else if longest[(at + 1) * width + now] >= longest[at * width + now + 1] {
            at += 1;
        } else {
            now += 1;
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stayed_is_found_and_what_changed_keeps_its_place() {
        let texts =
            |word: &str| -> Vec<Option<String>> { word.chars().map(|c| (c != '?').then(|| c.to_string())).collect() };
        for (before, after, expected) in [
            ("", "", ""),
            ("abc", "abc", "012"),
            ("abc", "xabc", "-012"),
            ("abc", "abcx", "012-"),
            ("abc", "ac", "02"),
            ("abc", "axc", "012"),
            ("abc", "axyc", "01-2"),
            ("abcd", "xbyd", "0123"),
            ("abcd", "dabc", "-012"),
            ("aa", "aaa", "01-"),
            ("abc", "", ""),
            ("", "ab", "--"),
            ("a?c", "a?c", "012"),
            ("abcde", "cxe", "234"),
        ] {
            let found: String = pair(&texts(before), &texts(after))
                .into_iter()
                .map(|pair| pair.map_or("-".to_owned(), |at| at.to_string()))
                .collect();
            assert_eq!(found, expected, "{before} to {after}");
        }
    }
}
