"""Subtitles by srt and webvtt-py.

subtitles.py FILE: FILE holds a list of [form, text]; prints, for each, what each parser makes of it, as JSON: its cues as
[start, end, text] with times in milliseconds, or the words with which it refuses.
"""

import datetime
import html
import io
import json
import sys
from pathlib import Path

import srt
import webvtt

MILLISECOND = datetime.timedelta(milliseconds=1)


def by_srt(text: str) -> list:
    return [[cue.start / MILLISECOND, cue.end / MILLISECOND, cue.content] for cue in srt.parse(text)]


def by_srt_in_order(text: str) -> list:
    """Without those that cannot be shown, such as a cue that ends before it begins."""
    cues = srt.sort_and_reindex(srt.parse(text))
    return [[cue.start / MILLISECOND, cue.end / MILLISECOND, cue.content] for cue in cues]


def by_webvtt(captions) -> list:
    # The parser takes tags out, and leaves escapes as they are.
    return [
        [one.start_time.in_milliseconds(), one.end_time.in_milliseconds(), html.unescape(one.text)] for one in captions
    ]


def srt_by_webvtt(text: str) -> list:
    captions = webvtt.from_buffer(io.StringIO(text, newline=""), format="srt")
    return [[one.start_time.in_milliseconds(), one.end_time.in_milliseconds(), one.raw_text] for one in captions]


PARSERS = {
    "srt": [by_srt, by_srt_in_order, srt_by_webvtt],
    "vtt": [lambda text: by_webvtt(webvtt.from_string(text, strict=True))],
}


def told(parser, text: str) -> dict:
    try:
        return {"cues": parser(text)}
    except Exception as refusal:
        return {"refused": f"{type(refusal).__name__}: {refusal}"}


if __name__ == "__main__":
    texts = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    print(json.dumps([[told(parser, text) for parser in PARSERS[form]] for form, text in texts]))
