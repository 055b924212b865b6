"""The HTTP server of the imitations: routes by path, notes every request, answers."""

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from accounts.fakes.parties import parties
from accounts.fakes.party import Party
from accounts.fakes.wire import Answer, Call


@dataclass
class Fakes:
    """All six, in one thread. `requests` are the calls so far; `faults` of a party are used up one by one."""

    host: str = "127.0.0.1"
    port: int = 0
    requests: list[Call] = field(default_factory=list)

    def __post_init__(self) -> None:
        handler = type("Handler", (_Handler,), {"fakes": self})
        self._server = ThreadingHTTPServer((self.host, self.port), handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://{self.host}:{self.port}"
        self.parties: dict[str, Party] = parties(self.url)

    def start(self) -> None:
        threading.Thread(target=self._server.serve_forever, name="login-fakes", daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def fail(self, login: str, *faults: str) -> None:
        """Have the next answers of that party go wrong; see `accounts.fakes.party` for what can."""
        self.parties[login].faults.extend(faults)

    def forget(self) -> None:
        """As after a fresh start."""
        self.requests.clear()
        for party in self.parties.values():
            party.forget()

    def answer(self, call: Call) -> Answer | None:
        """None: hang up without a word."""
        self.requests.append(call)
        name, _slash, rest = call.path.removeprefix("/").partition("/")
        party = self.parties.get(name)
        if party is None:
            return Answer(404, "no such party")
        if call.method == "POST" and rest == "faults":
            party.faults.extend(call.json.get("faults", []))
            return Answer(200, {"faults": party.faults})
        return party.answer(f"/{rest}", call)


class _Handler(BaseHTTPRequestHandler):
    fakes: Fakes
    protocol_version = "HTTP/1.1"

    def log_message(self, *_args: Any) -> None:
        """Silent: tests read `requests`."""

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        call = Call(
            method=self.command,
            path=parts.path,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
        )
        answer = self.fakes.answer(call)
        if answer is None:
            self.close_connection = True
            return
        self._send(answer)

    do_GET = do_POST = _serve  # noqa: N815

    def _send(self, answer: Answer) -> None:
        body = answer.body
        if isinstance(body, dict | list):
            body, mime = json.dumps(body).encode(), "application/json; charset=utf-8"
        elif isinstance(body, str):
            body, mime = body.encode(), "text/html; charset=utf-8"
        else:
            mime = "image/png"
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.mime or mime)
        self.send_header("Content-Length", str(len(body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
