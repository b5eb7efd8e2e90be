//! Keys as the design writes them: `Ctrl+Shift+Enter`.

use thirtyfour::Key;

use super::Outcome;

/// Modifiers to hold, in order, and the key to press.
pub(super) fn parse(chord: &str) -> Outcome<(Vec<char>, char)> {
    let mut names: Vec<&str> = chord.split('+').collect();
    // `Ctrl++` presses the plus key.
    if chord.ends_with("++") {
        names.truncate(names.len() - 2);
        names.push("+");
    }
    let key = names.pop().ok_or("an empty key")?;
    let modifiers = names.into_iter().map(code).collect::<Outcome<_>>()?;
    Ok((modifiers, code(key)?))
}

fn code(name: &str) -> Outcome<char> {
    let named = [
        ("Ctrl", Key::Control),
        ("Shift", Key::Shift),
        ("Alt", Key::Alt),
        ("Enter", Key::Enter),
        ("Esc", Key::Escape),
        ("Tab", Key::Tab),
        ("Up", Key::Up),
        ("Down", Key::Down),
        ("Left", Key::Left),
        ("Right", Key::Right),
        ("Home", Key::Home),
        ("End", Key::End),
        ("PageUp", Key::PageUp),
        ("PageDown", Key::PageDown),
        ("Delete", Key::Delete),
        ("Backspace", Key::Backspace),
        ("F6", Key::F6),
    ];
    if let Some((_, key)) = named.into_iter().find(|(known, _)| *known == name) {
        return Ok(key.value());
    }
    let mut characters = name.chars();
    match (characters.next(), characters.next()) {
        (Some(character), None) => Ok(character.to_ascii_lowercase()),
        _ => Err(format!("no key is called {name}").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chords_are_read_as_the_design_writes_them() {
        let control = Key::Control.value();
        let cases = [
            ("Ctrl+Enter", vec![control], Key::Enter.value()),
            ("Ctrl+Shift+D", vec![control, Key::Shift.value()], 'd'),
            ("Ctrl++", vec![control], '+'),
            ("u", vec![], 'u'),
        ];
        for (chord, modifiers, key) in cases {
            assert_eq!(parse(chord).unwrap(), (modifiers, key), "{chord}");
        }
        assert!(parse("Ctrl+Nothing").is_err());
    }
}
