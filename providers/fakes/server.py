"""The HTTP of the fakes: requests in, whole or trickling answers and files out."""

import logging
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from providers.fakes.apps import Call

if TYPE_CHECKING:
    from providers.fakes.frame import Frame

logger = logging.getLogger(__name__)

LARGEST_BODY = 64 * 1024 * 1024


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    frame: "Frame"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Callers hang up when they have seen enough; that is their right."""
        logger.debug("a caller hung up", exc_info=True)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        split = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        body = _chunked(self.rfile) if self.headers.get("Transfer-Encoding") == "chunked" else self.rfile.read(length)
        call = Call(
            method=self.command,
            path=split.path,
            query=dict(parse_qsl(split.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
            base_url=f"http://{self.headers.get('Host') or self.server.frame.url.removeprefix('http://')}",
        )
        if split.path.startswith("/files/"):
            self.server.frame.note(call)
            self._serve_file(call)
            return
        reply, trickles = self.server.frame.handle(call)
        if reply is None:
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if self.command == "HEAD":
            return
        if not trickles:
            self.wfile.write(reply.body)
            return
        for start in range(0, len(reply.body), 16):
            self.wfile.write(reply.body[start : start + 16])
            time.sleep(self.server.frame.pace.trickle)

    def _serve_file(self, call: Call) -> None:
        served = self.server.frame.files.serve(call.path, base_url=call.base_url, pace=self.server.frame.pace.trickle)
        self.send_response(served.status)
        for name, value in served.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            for chunk in served.chunks:
                self.wfile.write(chunk)
        self.close_connection = self.close_connection or served.hangs_up

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _serve  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        logger.debug(format, *args)


def _chunked(stream: Any) -> bytes:
    """A body that was sent in chunks, as requests does with files of unknown length."""
    body = bytearray()
    while size := int(stream.readline().split(b";")[0], 16):
        body += stream.read(size)
        stream.readline()
        if len(body) > LARGEST_BODY:
            break
    stream.readline()
    return bytes(body)
