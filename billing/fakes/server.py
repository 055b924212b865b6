"""The process of the stand-ins, for a command line and for tests."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from billing.fakes import cryptocloud, nowpayments, robokassa, stripe, tbank, yookassa
from billing.fakes.cryptocloud import CryptoCloudParty
from billing.fakes.frame import REPEAT_PAUSES, House, LostAnswer, Party, Request, Response, as_html, as_json, over_http
from billing.fakes.nowpayments import NowPaymentsParty
from billing.fakes.pages import index
from billing.fakes.robokassa import RobokassaParty
from billing.fakes.sandbox import SandboxParty
from billing.fakes.stripe import StripeParty
from billing.fakes.tbank import TBankParty
from billing.fakes.yookassa import YooKassaParty

_PARTIES: tuple[type[Party], ...] = (
    TBankParty,
    YooKassaParty,
    RobokassaParty,
    StripeParty,
    CryptoCloudParty,
    NowPaymentsParty,
    SandboxParty,
)


def environment(base_url: str) -> dict[str, str]:
    """The environment that makes the site use the stand-ins at `base_url`."""
    base_url = base_url.rstrip("/")
    return {
        "SANDBOX_BASE_URL": f"{base_url}/sandbox",
        "TBANK_BASE_URL": f"{base_url}/tbank",
        **tbank.ENVIRONMENT,
        "YOOKASSA_BASE_URL": f"{base_url}/yookassa",
        **yookassa.ENVIRONMENT,
        "STRIPE_BASE_URL": f"{base_url}/stripe",
        **stripe.ENVIRONMENT,
        "ROBOKASSA_BASE_URL": f"{base_url}/robokassa",
        "ROBOKASSA_SERVICES_URL": f"{base_url}/robokassa",
        "ROBOKASSA_FISCAL_URL": f"{base_url}/robokassa",
        **robokassa.ENVIRONMENT,
        "CRYPTOCLOUD_BASE_URL": f"{base_url}/cryptocloud",
        **cryptocloud.ENVIRONMENT,
        "NOWPAYMENTS_BASE_URL": f"{base_url}/nowpayments",
        **nowpayments.ENVIRONMENT,
    }


class Fakes:
    """All stand-ins at one loopback port, in threads of this process. A party is an attribute: `fakes.tbank`."""

    sandbox: SandboxParty
    tbank: TBankParty
    yookassa: YooKassaParty
    stripe: StripeParty
    robokassa: RobokassaParty
    cryptocloud: CryptoCloudParty
    nowpayments: NowPaymentsParty

    def __init__(self, port: int = 0, *, site_url: str = "", repeat_pauses: tuple[float, ...] = REPEAT_PAUSES) -> None:
        self._site_url, self._repeat_pauses = site_url, repeat_pauses
        self.house = House(site_url, repeat_pauses)
        self.parties: dict[str, Party] = {}
        self.reset()
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.fakes = self
        self.url = self.house.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, name="gateways", daemon=True)

    def reset(self) -> None:
        """Forget all payments, requests, deliveries and faults; notifications go over HTTP again."""
        self.house.site_url, self.house.repeat_pauses = self._site_url, self._repeat_pauses
        self.house.transport = over_http
        self.parties = {kind.prefix: kind(self.house) for kind in _PARTIES}
        vars(self).update(self.parties)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def serve(self) -> None:
        """Serve in this thread until interrupted."""
        try:
            self._server.serve_forever()
        finally:
            self._server.server_close()

    def handle(self, request: Request) -> Response:
        _, prefix, *rest = request.path.split("/", 2)
        if prefix == "":
            return as_html(index(sorted(self.parties)))
        party = self.parties.get(prefix)
        if party is None:
            return as_json({"error": "nobody lives here"}, 404)
        path = "/" + (rest[0] if rest else "")
        if path == "/_faults" and request.method == "POST":
            party.fail_next(**{"kind": "error", **_as_dict(request.json())})
            return as_json({"ordered": True})
        return party.handle(Request(request.method, path, request.query, request.headers, request.body, request.host))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    fakes: Fakes


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "stand-in"
    wbufsize = -1
    server: _Server

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=unquote(parts.path),
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(self.headers.get("Content-Length") or 0)),
            host=self.headers.get("Host", ""),
        )
        try:
            response = self.server.fakes.handle(request)
        except LostAnswer:
            self.close_connection = True
            return
        self.send_response(response.status)
        self.send_header("Content-Type", response.content_type)
        self.send_header("Content-Length", str(len(response.body)))
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(response.body)

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: a log line would hold what the site sends, and that is checked by tests instead."""


def _as_dict(value: Any) -> dict[str, Any]:
    known = {"kind", "path", "times"}
    return {name: inner for name, inner in value.items() if name in known} if isinstance(value, dict) else {}
