"""Checks an archive against the public schema of HAR 1.2 and opens it with a library that others read archives with.

check.py FOLDER-OF-THE-SCHEMA FILE: prints what the library found, as JSON.
"""

import json
import sys
from pathlib import Path

from haralyzer import HarParser
from jsonschema import Draft6Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT6


def sent(entry) -> dict:
    """What was sent: a text, or the fields of a form."""
    return entry.request.raw_entry.get("postData") or {}


def main(schemas: Path, path: Path) -> None:
    registry = Registry()
    for file in sorted(schemas.glob("*.json")):
        resource = Resource.from_contents(json.loads(file.read_text()), default_specification=DRAFT6)
        registry = registry.with_resource(file.name, resource)
    assert len(registry) > 15, f"{schemas} does not hold the schema"

    archive = json.loads(path.read_text(encoding="utf-8"))
    # The checker knows that an address is one, and that a time has an offset.
    schema = {"$ref": "har.json"}
    validator = Draft6Validator(schema, registry=registry, format_checker=FormatChecker())
    wrong = [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(archive)]
    assert not wrong, "\n".join(wrong)
    # A schema that accepts anything would prove nothing.
    assert not validator.is_valid({"log": {**archive["log"], "entries": [{}]}})

    parser = HarParser(archive)
    found = {
        "creator": parser.creator["name"],
        "version": parser.version,
        "pages": [page.title for page in parser.pages],
        "entries": [
            {
                "method": entry.request.method,
                "url": entry.request.url,
                "status": entry.response.status,
                "request": sent(entry).get("text"),
                "fields": sent(entry).get("params"),
                "response": entry.response.text,
                "time": entry.time,
                "started": entry.startTime.isoformat(),
            }
            for page in parser.pages
            for entry in page.entries
        ],
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
