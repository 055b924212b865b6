"""What every call to a provider holds to, seen on real sockets."""

import json
import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from urllib3.exceptions import MaxRetryError, ProtocolError, ReadTimeoutError, SSLError

from neuralbox.core import http
from providers import calls
from providers.base import Output
from providers.calls import Caller, OutputGone
from providers.errors import ProviderUnavailable, SubmissionOutcomeUnknown
from providers.fakes.apps import App, Reply, json_reply, route
from providers.fakes.frame import Frame, Pace
from providers.tests.ordering import download, uploaded


class Plain(App):
    """Takes orders, gives files, and says more than anybody wants to hear."""

    prefix = "plain"

    @route("POST", "/orders")
    def order(self, call):
        link = self.frame.files.publish(call.base_url, "png", prompt="hills", faults=call.faults)
        return json_reply({"link": link}, Set_Cookie="tracker=1; Path=/")

    @route("GET", "/orders")
    def orders(self, call):
        return json_reply({"cookie": call.headers.get("cookie", "")})

    @route("GET", "/much")
    def much(self, call):
        return Reply(200, b" " * (calls.LARGEST_ANSWER + 1))

    @route("POST", "/much")
    def much_of_an_order(self, call):
        return Reply(200, b" " * (calls.LARGEST_ANSWER + 1))

    @route("GET", "/away")
    def away(self, call):
        return Reply(302, headers={"Location": f"{call.base_url}/away"})

    @route("POST", "/files")
    def keep(self, call):
        form = call.form()
        return json_reply(
            {"name": form["file"].filename, "mime": form["file"].mime, "bytes": len(form["file"].content),
             "folder": form["folder"].content.decode()}
        )  # fmt: skip


@pytest.fixture(scope="module")
def frame():
    frame = Frame({"plain": Plain}, pace=Pace(trickle=0.005)).start()
    yield frame
    frame.stop()


@pytest.fixture
def caller(frame, settings):
    settings.LOCAL_MODE = True
    frame.forget()
    return Caller(
        "Plain", base_urls=lambda: (f"{frame.url}/plain",), headers=lambda: {"Authorization": "Bearer secret-key"}
    )


@pytest.fixture
def order(frame, caller):
    def send(prompt="hills"):
        return caller.order(f"{frame.url}/plain/orders", json={"prompt": prompt})

    return send


def link_of(answer):
    return json.loads(answer.body)["link"]


def test_an_order_is_answered(order):
    answer = order()
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")


@pytest.mark.parametrize("fault", ["lost_answer", "lost_question"])
def test_a_lost_answer_to_an_order_is_unknown_and_the_order_is_not_sent_again(frame, order, fault):
    frame.fail_next(fault)
    with pytest.raises(SubmissionOutcomeUnknown):
        order()
    assert len(frame.calls("/plain/orders")) == 1


@pytest.mark.parametrize("error", [SSLError("bad record"), ProtocolError("reset"), ReadTimeoutError(None, "/", "late")])
def test_an_order_that_may_have_arrived_is_not_repeated_below_us_either(settings, error):
    settings.LOCAL_MODE = True
    session = http.session(trusted_base_urls=["http://127.0.0.1:9"])
    for url in ("http://127.0.0.1:9/orders", "https://api.kie.ai/orders"):
        with pytest.raises((MaxRetryError, type(error))):
            session.get_adapter(url).max_retries.increment("POST", "/orders", error=error)


def test_an_order_that_found_nobody_surely_did_nothing():
    nobody = Caller("Nobody", base_urls=lambda: ("http://127.0.0.1:9",), headers=dict)
    with pytest.raises(ProviderUnavailable):
        nobody.order("http://127.0.0.1:9/orders", json={})


@pytest.mark.parametrize(
    ("fault", "status", "waits"),
    [("too_fast", 429, 7.0), ("server_error", 500, None), ("server_error_after_accepting", 502, None)],
)
def test_refusals_and_errors_are_answers_that_the_adapter_reads(frame, order, fault, status, waits):
    frame.fail_next(fault)
    answer = order()
    assert (answer.status, answer.retry_after) == (status, waits)
    assert len(frame.calls("/plain/orders")) == 1


def test_an_answer_that_trickles_is_read_whole(frame, order):
    frame.fail_next("slow")
    assert link_of(order()).startswith(frame.url)


def test_an_answer_that_takes_too_long_in_all_is_lost(frame, order, monkeypatch):
    monkeypatch.setattr(calls, "ANSWER_WITHIN", 0.0)
    frame.fail_next("slow")
    with pytest.raises(SubmissionOutcomeUnknown):
        order()


def test_an_answer_without_end_is_not_read(frame, caller):
    with pytest.raises(ProviderUnavailable):
        caller.ask("GET", f"{frame.url}/plain/much")
    with pytest.raises(SubmissionOutcomeUnknown):
        caller.order(f"{frame.url}/plain/much")


def test_a_question_is_asked_again_when_the_connection_breaks(frame, caller):
    frame.fail_next("server_error_after_accepting")
    assert caller.ask("GET", f"{frame.url}/plain/orders").status == 200
    assert len(frame.calls("/plain/orders")) == 2


def test_our_key_goes_to_configured_addresses_alone(frame, caller):
    with pytest.raises(ProviderUnavailable):
        caller.order("https://elsewhere.example.com/orders", json={})
    with pytest.raises(ProviderUnavailable):
        caller.ask("GET", "https://elsewhere.example.com/orders")


def test_no_cookie_is_kept(frame, caller, order):
    order()
    assert json.loads(caller.ask("GET", f"{frame.url}/plain/orders").body) == {"cookie": ""}


def test_a_result_arrives_byte_for_byte_and_without_our_key(frame, caller, order):
    link = link_of(order())
    assert download(caller, link) == frame.files.content(link)
    assert [call.headers.get("authorization") for call in frame.calls("/files/")] == [None]


@pytest.mark.parametrize("fault", ["slow_file", "redirected_file"])
def test_slow_and_redirected_results_arrive(frame, caller, order, fault):
    link = link_of(order(f"[fault:{fault}]"))
    assert download(caller, link) == frame.files.content(link)


@pytest.mark.parametrize("fault", ["broken_off_file", "private_redirect"])
def test_broken_and_misleading_results_are_refused(caller, order, fault):
    with pytest.raises(ProviderUnavailable):
        download(caller, link_of(order(f"[fault:{fault}]")))


def test_an_expired_link_is_told_apart_since_a_fresh_one_may_work(caller, order):
    with pytest.raises(OutputGone):
        download(caller, link_of(order("[fault:expired_link]")))


def test_a_result_without_end_is_stopped_by_who_reads_it(caller, order):
    link = link_of(order("[fault:endless_file]"))
    with caller.open_output(Output(link, "image")) as opened:
        read = 0
        for chunk in opened.chunks:
            read += len(chunk)
            if read > 1_000_000:
                break
    assert opened.content_length is None


def test_a_result_that_takes_too_long_in_all_is_refused(caller, order, monkeypatch):
    link = link_of(order("[fault:endless_file]"))
    monkeypatch.setattr(calls, "DOWNLOAD_WITHIN", 0.0)
    with pytest.raises(ProviderUnavailable):
        download(caller, link)


def test_redirects_have_an_end(frame, caller):
    with pytest.raises(ProviderUnavailable):
        download(caller, f"{frame.url}/plain/away")
    assert len(frame.calls("/plain/away")) == calls.LARGEST_REDIRECT_CHAIN + 1


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1/x",
        "http://[::1]:6379/",
        "http://127.0.0.1:6379/",
        "http://localhost:5432/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "not a link",
    ],
)
def test_results_are_not_fetched_from_private_addresses(caller, url):
    with pytest.raises(ProviderUnavailable):
        download(caller, url)


def test_a_certificate_that_is_not_theirs_is_seen_before_anything_is_said(settings, tmp_path):
    settings.LOCAL_MODE = True
    with impostor(tmp_path) as url:
        caller = Caller("Plain", base_urls=lambda: (url,), headers=dict)
        with pytest.raises(ProviderUnavailable):
            caller.order(f"{url}/orders", json={})


@contextmanager
def impostor(folder):
    """A TLS server on loopback whose certificate nobody has vouched for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(Encoding.PEM) + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "impostor.pem").write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "impostor.pem")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        stopped = threading.Event()
        listening.settimeout(0.1)

        def serve():
            while not stopped.is_set():
                with suppress(OSError):
                    connection, _address = listening.accept()
                    with connection, suppress(OSError):
                        context.wrap_socket(connection, server_side=True).close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{listening.getsockname()[1]}"
        stopped.set()
        thread.join(60)


def test_outside_of_local_mode_loopback_is_private_too(frame, settings):
    settings.LOCAL_MODE = False
    caller = Caller("Plain", base_urls=lambda: (f"{frame.url}/plain",), headers=dict)
    with pytest.raises(ProviderUnavailable):
        caller.order(f"{frame.url}/plain/orders", json={})


def test_a_text_inside_an_answer_is_an_output_like_any_other(caller):
    output = calls.text_output("Слова песни\n", "song")
    assert (output.kind, output.name) == ("text", "song")
    assert download(caller, output).decode() == "Слова песни\n"


@pytest.mark.parametrize("url", ["data:text/plain;base64,???", "data:nothing"])
def test_an_unreadable_inline_result_is_refused(caller, url):
    with pytest.raises(ProviderUnavailable):
        download(caller, Output(url, "text"))


def test_a_file_is_sent_while_it_is_read_and_its_own_name_stays_here(frame, caller):
    file = uploaded()
    name = calls.random_name(file.mime)
    with file.open() as stream:
        form = calls.MultipartFile(file, stream, name=name, fields={"folder": "inputs"})
        answer = caller.ask("POST", f"{frame.url}/plain/files", data=form, headers={"Content-Type": form.content_type})
    assert json.loads(answer.body) == {"name": name, "mime": "image/png", "bytes": file.bytes, "folder": "inputs"}
    assert "Ivan" not in frame.calls("/plain/files")[0].text
    assert int(frame.calls("/plain/files")[0].headers["content-length"]) == len(form)


def test_random_names_end_as_their_kind_demands():
    assert calls.random_name("image/png").endswith(".png")
    assert calls.random_name("audio/mpeg; rate=1").endswith(".mp3")
    assert calls.random_name("application/x-nothing").endswith(".bin")
    assert calls.random_name("image/png") != calls.random_name("image/png")


@pytest.mark.parametrize(("header", "seconds"), [("", None), ("7", 7.0), ("999999", 3600.0), ("soon", None)])
def test_a_wish_to_be_asked_later_is_read(header, seconds):
    assert calls.seconds_to_wait(header) == seconds


def test_a_wish_may_come_as_a_date():
    later = datetime.now(UTC) + timedelta(seconds=100)
    assert 0 < calls.seconds_to_wait(format_datetime(later, usegmt=True)) <= 100
    assert calls.seconds_to_wait("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0


def test_an_unknown_status_raises_an_alarm(caplog):
    calls.unknown_status("Plain", "dancing")
    assert [record.levelname for record in caplog.records] == ["ERROR"]
