"""Word error rates by jiwer, with its usual settings.

words.py FILE: FILE holds a list of [said, heard]; prints a list of what jiwer says of each, as JSON.
"""

import json
import sys
from pathlib import Path

import jiwer


def told(said: str, heard: str) -> dict:
    found = jiwer.process_words(said, heard)
    return {
        "rate": float(found.wer),
        "hits": found.hits,
        "substitutions": found.substitutions,
        "deletions": found.deletions,
        "insertions": found.insertions,
        "said": found.references[0],
        "heard": found.hypotheses[0],
        "steps": [
            [chunk.type, chunk.ref_start_idx, chunk.ref_end_idx, chunk.hyp_start_idx, chunk.hyp_end_idx]
            for chunk in found.alignments[0]
        ],
    }


if __name__ == "__main__":
    pairs = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    print(json.dumps([told(*pair) for pair in pairs]))
