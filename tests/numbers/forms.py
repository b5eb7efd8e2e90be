"""A server that tells what it made of a form: starlette on uvicorn, or werkzeug.

forms.py starlette|werkzeug: prints the port of loopback on which it listens, and ends with its input.

Any POST is answered with a transcript in whose `fields` are the fields in order, and in whose `bodies` are the digests of
this body and of those that were refused before it. Below /refuse-N/ every first N requests are answered with 503.
"""

import hashlib
import os
import re
import socket
import sys
import threading

refused = {}


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def told_file(name: str, file_name: str, media_type: str, content: bytes) -> dict:
    return {"name": name, "fileName": file_name, "mediaType": media_type, "bytes": len(content), "digest": digest(content)}


def refuses(path: str, body: bytes) -> list[str] | None:
    """The digests of the bodies until now, or None where this one is refused too."""
    wanted = re.match("/refuse-([0-9]+)/", path)
    seen = refused.setdefault(path, [])
    seen.append(digest(body))
    if wanted and len(seen) <= int(wanted[1]):
        return None
    return refused.pop(path)


def answer(parser: str, fields: list[dict], bodies: list[str]) -> dict:
    return {"text": f"Heard by {parser}.", "parser": parser, "fields": fields, "bodies": bodies}


BUSY = {"error": {"message": "No backend is healthy.", "type": "server_error", "param": None, "code": None}}


def serve_starlette() -> None:
    import uvicorn
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    async def transcribe(request: Request) -> JSONResponse:
        bodies = refuses(request.url.path, await request.body())
        if bodies is None:
            return JSONResponse(BUSY, 503)
        fields = []
        async with request.form() as form:
            for name, value in form.multi_items():
                if isinstance(value, str):
                    fields.append({"name": name, "text": value})
                else:
                    fields.append(told_file(name, value.filename, value.content_type, await value.read()))
        return JSONResponse(answer("starlette", fields, bodies))

    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    app = Starlette(routes=[Route("/{path:path}", transcribe, methods=["POST"])])
    uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off")).run(sockets=[listener])


def serve_werkzeug() -> None:
    from werkzeug.serving import WSGIRequestHandler, make_server
    from werkzeug.wrappers import Request, Response

    import json

    class Silent(WSGIRequestHandler):
        def log(self, *_: object) -> None:
            pass

    @Request.application
    def transcribe(request: Request) -> Response:
        bodies = refuses(request.path, request.get_data())
        if bodies is None:
            return Response(json.dumps(BUSY), 503, content_type="application/json")
        fields = [{"name": name, "text": text} for name, text in request.form.items(multi=True)]
        for name, file in request.files.items(multi=True):
            fields.append(told_file(name, file.filename, file.mimetype, file.read()))
        return Response(json.dumps(answer("werkzeug", fields, bodies)), content_type="application/json")

    server = make_server("127.0.0.1", 0, transcribe, threaded=True, request_handler=Silent)
    print(server.port, flush=True)
    server.serve_forever()


def end_with_the_input() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    threading.Thread(target=end_with_the_input, daemon=True).start()
    {"starlette": serve_starlette, "werkzeug": serve_werkzeug}[sys.argv[1]]()
