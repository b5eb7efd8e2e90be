//! Subtitles: SubRip (`.srt`) and WebVTT.

use juxta_wire::transcript::Segment;

/// Seconds by which a cue may begin before the one before it ends: times are rounded to a thousandth.
const ROUNDING: f64 = 0.0005;

/// The cues of either form, and what could not be read.
pub(super) fn read(text: &str) -> (Vec<Segment>, Vec<String>) {
    let text = text.trim_start_matches('\u{FEFF}').replace("\r\n", "\n").replace('\r', "\n");
    let is_vtt = text.starts_with("WEBVTT");
    let (mut segments, mut problems) = (Vec::new(), Vec::new());
    for (number, block) in text.split("\n\n").enumerate() {
        let mut lines = block.lines().skip_while(|line| line.trim().is_empty()).peekable();
        let Some(first) = lines.peek() else { continue };
        let is_other = ["WEBVTT", "NOTE", "STYLE", "REGION"].iter().any(|word| first.starts_with(word));
        if is_vtt && is_other && !first.contains("-->") {
            continue;
        }
        // A number or a name may stand before the times.
        let mut before: Vec<&str> = Vec::new();
        let times = loop {
            match lines.next() {
                Some(line) if line.contains("-->") => break line,
                Some(line) => before.push(line),
                None => break "",
            }
        };
        if times.is_empty() {
            problems.push(format!("Block {} has no times.", number + 1));
            continue;
        }
        let Some((start, end)) = range(times) else {
            problems.push(format!("The times of block {} cannot be read: {}", number + 1, times.trim()));
            continue;
        };
        let first_of_block = segments.len();
        if is_vtt && !is_as_in_webvtt(times) {
            problems.push(format!("The times of block {} are not as WebVTT has them: {}", number + 1, times.trim()));
        }
        if is_vtt && before.len() > 1 {
            problems.push(format!("More than a name stands before the times of block {}.", number + 1));
        }
        if !is_vtt && !before.last().is_some_and(|last| is_number(last)) {
            problems.push(format!("Block {} has no number before its times.", number + 1));
        }
        let (mut start, mut end) = (start, end);
        let mut words: Vec<&str> = Vec::new();
        for line in lines {
            // Words may look like times. In SubRip a number stands before those that are.
            let begins = range(line).filter(|_| is_vtt || words.last().is_some_and(|last| is_number(last)));
            if let Some(next) = begins {
                problems.push(format!("No empty line stands before these times in block {}: {line}", number + 1));
                words.pop_if(|last| is_number(last));
                segments.push(cue(start, end, &words, is_vtt));
                (start, end) = next;
                words.clear();
                continue;
            }
            if is_vtt && line.contains("-->") {
                problems.push(format!(
                    "An arrow stands in the words of block {}, and WebVTT has it for times only.",
                    number + 1
                ));
            }
            words.push(line);
        }
        segments.push(cue(start, end, &words, is_vtt));
        if !is_vtt && segments[first_of_block..].iter().any(|segment| segment.text.is_empty()) {
            problems.push(format!("Block {} has no words.", number + 1));
        }
    }
    (segments, problems)
}

fn is_number(line: &str) -> bool {
    !line.trim().is_empty() && line.trim().bytes().all(|byte| byte.is_ascii_digit())
}

fn cue(start: f64, end: f64, lines: &[&str], is_vtt: bool) -> Segment {
    let text = lines.join("\n");
    let text = if is_vtt { unescaped(&text) } else { text };
    Segment {
        start,
        end,
        text: text.trim().to_owned(),
        speaker: None,
        average_logprob: None,
        no_speech_probability: None,
    }
}

/// Cues that end before they begin, or begin before the one before them has ended.
pub(super) fn faults(segments: &[Segment]) -> Vec<String> {
    let backwards = segments.iter().enumerate().filter(|(_, one)| one.end < one.start);
    let backwards = backwards.map(|(at, _)| format!("Segment {} ends before it begins.", at + 1));
    let overlaps = segments.windows(2).enumerate().filter(|(_, pair)| pair[1].start < pair[0].end - ROUNDING);
    let overlaps = overlaps.map(|(at, _)| format!("Segment {} begins before segment {} ends.", at + 2, at + 1));
    backwards.chain(overlaps).collect()
}

/// `00:01.000 --> 00:02.500 align:start`
fn range(line: &str) -> Option<(f64, f64)> {
    let (start, rest) = line.split_once("-->")?;
    Some((seconds(start.trim())?, seconds(rest.split_whitespace().next()?)?))
}

/// Two digits each, more for hours, and a point. Readers forgive much of this, and not all of them.
fn is_as_in_webvtt(line: &str) -> bool {
    let clock = |text: &str| {
        let (clock, _) = text.split_once('.')?;
        let digits: Vec<usize> = clock.split(':').map(str::len).collect();
        let (hours, rest) = digits.split_at(digits.len().checked_sub(2)?);
        Some(rest == [2, 2] && hours.iter().all(|digits| *digits >= 2))
    };
    let both = line.split_once("-->").map(|(start, rest)| [start, rest]);
    both.is_some_and(|both| both.iter().all(|one| one.split_whitespace().next().and_then(clock) == Some(true)))
}

/// `hh:mm:ss,mmm`, `hh:mm:ss.mmm` or `mm:ss.mmm`; there may be more than 99 hours.
fn seconds(text: &str) -> Option<f64> {
    let (clock, thousandths) = text.split_once([',', '.'])?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if thousandths.len() != 3 || !is_number(thousandths) {
        return None;
    }
    let parts: Vec<&str> = clock.split(':').collect();
    if !(2..=3).contains(&parts.len()) || !parts.iter().all(|part| is_number(part)) {
        return None;
    }
    let number = |text: &str| text.parse::<u64>().ok();
    let (hours, rest) = if parts.len() == 3 { (number(parts[0])?, &parts[1..]) } else { (0, &parts[..]) };
    let (minutes, seconds) = (number(rest[0])?, number(rest[1])?);
    if minutes > 59 || seconds > 59 {
        return None;
    }
    let whole = hours.checked_mul(3_600)?.checked_add(minutes * 60 + seconds)?;
    Some(whole as f64 + number(thousandths)? as f64 / 1_000.0)
}

pub(super) fn write_srt(segments: &[Segment]) -> String {
    let cues = with_words(segments).enumerate().map(|(at, (segment, words))| {
        let (start, end) = (clock(segment.start, ','), clock(segment.end, ','));
        format!("{}\n{start} --> {end}\n{}\n", at + 1, without_heads(&words))
    });
    cues.collect::<Vec<String>>().join("\n")
}

pub(super) fn write_vtt(segments: &[Segment]) -> String {
    let cues = with_words(segments).map(|(segment, words)| {
        let (start, end) = (clock(segment.start, '.'), clock(segment.end, '.'));
        format!("\n{start} --> {end}\n{}\n", escaped(&words))
    });
    format!("WEBVTT\n{}", cues.collect::<String>())
}

/// A cue without words is one to some readers and none to others, so none is written.
fn with_words(segments: &[Segment]) -> impl Iterator<Item = (&Segment, String)> {
    segments.iter().map(|segment| (segment, lines(&segment.text))).filter(|(_, words)| !words.is_empty())
}

fn clock(seconds: f64, point: char) -> String {
    let all = (seconds.max(0.0) * 1_000.0).round() as u64;
    let (hours, minutes) = (all / 3_600_000, all / 60_000 % 60);
    format!("{hours:02}:{minutes:02}:{:02}{point}{:03}", all / 1_000 % 60, all % 1_000)
}

/// An empty line would end the cue, and a carriage return by itself ends a line too.
fn lines(text: &str) -> String {
    let lines: Vec<&str> = text.split(['\n', '\r']).map(str::trim_end).filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}

/// A number and a time on the next line begin a cue for readers that forgive a missing empty line, and SubRip has no
/// escapes, so both go on one line.
fn without_heads(words: &str) -> String {
    let mut written = String::with_capacity(words.len());
    let mut after_number = false;
    for line in words.split('\n') {
        let first = line.split_whitespace().next().unwrap_or_default();
        let is_time = first.starts_with(|one: char| one.is_ascii_digit()) && first.contains([':', ',', '.']);
        match () {
            () if written.is_empty() => {}
            () if after_number && is_time => written.push(' '),
            () => written.push('\n'),
        }
        written.push_str(line);
        after_number = !line.is_empty() && line.trim().chars().all(|one| one.is_ascii_digit() || "-.".contains(one));
    }
    written
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Text without tags such as `<v Speaker>`, escapes resolved.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, tag)) = rest.split_once('<') {
        plain.push_str(before);
        // A tag that is not closed is the rest of the text, and no tag.
        let Some((_, after)) = tag.split_once('>') else {
            plain.push('<');
            rest = tag;
            continue;
        };
        rest = after;
    }
    plain.push_str(rest);
    let names = [("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", "\u{a0}"), ("&lrm;", ""), ("&rlm;", "")];
    let plain = names.iter().fold(plain, |text, (name, one)| text.replace(name, one));
    plain.replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(start: f64, end: f64, text: &str) -> Segment {
        Segment { start, end, text: text.to_owned(), speaker: None, average_logprob: None, no_speech_probability: None }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let segments = [
            segment(0.0, 1.9996, "Grüße & <you>\nzwei --> Zeilen"),
            segment(3_599.5, 3_600.25, "&lt; bleibt"),
            segment(360_000.001, 360_001.0, "🦊"),
        ];
        let rounded = |segment: &Segment| ((segment.start * 1e3).round(), (segment.end * 1e3).round());
        for text in [write_vtt(&segments), write_srt(&segments[1..]), write_srt(&segments[1..]).replace('\n', "\r\n")] {
            let (read, problems) = read(&text);
            assert_eq!(problems, Vec::<String>::new());
            let expected = &segments[segments.len() - read.len()..];
            for (read, expected) in read.iter().zip(expected) {
                assert_eq!((rounded(read), &read.text), (rounded(expected), &expected.text));
            }
            assert!(read.len() >= 2);
        }
        assert!(write_srt(&segments).contains("01:00:00,250"));
        assert!(write_vtt(&segments).starts_with("WEBVTT\n\n00:00:00.000 --> 00:00:02.000\nGrüße &amp; &lt;you&gt;\n"));
    }

    #[test]
    fn an_empty_line_does_not_end_a_cue_that_is_written() {
        for text in ["a\n\n \nb", "a\r\rb", "a\r\n\r\nb\r"] {
            assert_eq!(write_srt(&[segment(0.0, 1.0, text)]), "1\n00:00:00,000 --> 00:00:01,000\na\nb\n");
        }
    }

    #[test]
    fn words_that_look_like_a_cue_are_none_in_subrip() {
        let text = "1\n00:00:02,000 --> 00:00:03,000\nright --> left\n2\nthree";
        let written = write_srt(&[segment(0.0, 1.0, text), segment(1.0, 1.5, " \n"), segment(1.5, 2.0, "b")]);
        let (cues, problems) = read(&written);
        assert_eq!((cues.len(), problems), (2, Vec::new()));
        assert_eq!(cues[0].text, "1 00:00:02,000 --> 00:00:03,000\nright --> left\n2\nthree");
        assert!(written.ends_with("\n\n2\n00:00:01,500 --> 00:00:02,000\nb\n"), "{written}");
    }

    #[test]
    fn what_not_every_reader_forgives_is_said() {
        for (text, count) in [
            ("WEBVTT\n\n100:00:01.000 --> 100:00:02.000 align:start\nx", 0),
            ("WEBVTT\n\nname\n00:01.000 --> 00:02.000\n", 0),
            ("WEBVTT\n\n0:00:01.000 --> 00:00:02.000\nx", 1),
            ("WEBVTT\n\n00:01.000 --> 0:02.000\nx", 1),
            ("WEBVTT\n\nname\nname\n00:01.000 --> 00:02.000\nx", 1),
            ("1\n00:00:01,000 --> 00:00:02,000\nx\n\n00:00:03,000 --> 00:00:04,000\ny", 1),
            ("1\n00:00:01,000 --> 00:00:02,000\n\n", 1),
            ("\n1 \n0:00:01.000 --> 00:00:02,000\nx", 0),
        ] {
            let (cues, problems) = read(text);
            assert!(!cues.is_empty(), "{text}");
            assert_eq!(problems.len(), count, "{text}: {problems:?}");
        }
    }

    #[test]
    fn times_without_an_empty_line_before_them_begin_a_cue_and_are_said() {
        let srt = "1\n00:00:00,000 --> 00:00:01,000\nyear\n1984\n2\n00:00:01,000 --> 00:00:02,000\nb\n";
        let (cues, problems) = read(srt);
        assert_eq!(cues, [segment(0.0, 1.0, "year\n1984"), segment(1.0, 2.0, "b")]);
        assert_eq!(problems, ["No empty line stands before these times in block 1: 00:00:01,000 --> 00:00:02,000"]);
        let vtt = "WEBVTT\n\n00:00.000 --> 00:01,000\na --> b\n00:01.000 --> 00:02.000\nc\n";
        let (cues, problems) = read(vtt);
        assert_eq!(cues, [segment(0.0, 1.0, "a --> b"), segment(1.0, 2.0, "c")]);
        assert_eq!(problems.len(), 3, "{problems:?}");
    }

    #[test]
    fn other_blocks_are_passed_over_and_faults_are_said() {
        let text = "WEBVTT - title\nKind: captions\n\nSTYLE\n::cue {}\n\nNOTE nothing\n\nname\n00:01.000 --> 00:02.000 align:start\n\
                    <v Ann>Hi &amp;amp; bye</v>\n\n00:61.000 --> 00:02.000\nx\n\nno times here\n";
        let (segments, problems) = read(text);
        assert_eq!(segments, [segment(1.0, 2.0, "Hi &amp; bye")]);
        assert_eq!(problems.len(), 2, "{problems:?}");
        let faults = faults(&[segment(0.0, 2.0, ""), segment(1.9, 3.0, ""), segment(3.0, 2.5, "")]);
        assert_eq!(faults, ["Segment 3 ends before it begins.", "Segment 2 begins before segment 1 ends."]);
    }
}
