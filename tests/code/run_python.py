"""Runs each Python file of a folder as it stands, in this one process, because the packages take long to load.

Writes what each printed, or how it failed, as JSON.
"""

import contextlib
import io
import json
import pathlib
import sys
import traceback

folder, *values = sys.argv[1:]
results = {}
for path in sorted(pathlib.Path(folder).glob("*.py")):
    printed = io.StringIO()
    error = None
    sys.argv = [str(path), *values]
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(path.read_bytes(), str(path), "exec"), {"__name__": "__main__"})
    except (Exception, SystemExit):
        error = traceback.format_exc()
    results[path.stem] = {"printed": printed.getvalue(), "error": error}
pathlib.Path(folder, "results.json").write_text(json.dumps(results), encoding="utf-8")
