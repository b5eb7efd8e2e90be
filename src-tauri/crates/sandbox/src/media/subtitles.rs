//! Segments as SubRip and as WebVTT.

use super::transcribe::Segment;

pub(crate) fn srt(segments: &[Segment]) -> String {
    let cues = segments.iter().enumerate().map(|(place, segment)| {
        let text = on_lines(&segment.text);
        format!("{}\n{} --> {}\n{text}\n\n", place + 1, time(segment.start, ','), time(segment.end, ','))
    });
    cues.collect()
}

pub(crate) fn vtt(segments: &[Segment]) -> String {
    let cues = segments.iter().map(|segment| {
        let text = on_lines(&segment.text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        format!("{} --> {}\n{text}\n\n", time(segment.start, '.'), time(segment.end, '.'))
    });
    std::iter::once("WEBVTT\n\n".to_owned()).chain(cues).collect()
}

/// A blank line would end the cue.
fn on_lines(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// `01:02:03,456`
fn time(seconds: f64, point: char) -> String {
    let all = (seconds * 1_000.0).round() as u64;
    let (hours, minutes, seconds) = (all / 3_600_000, all / 60_000 % 60, all / 1_000 % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02}{point}{:03}", all % 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_hours_and_carry() {
        assert_eq!(time(0.0, ','), "00:00:00,000");
        assert_eq!(time(59.999_6, '.'), "00:01:00.000");
        assert_eq!(time(3_723.456, ','), "01:02:03,456");
    }
}
