"""A real S3-compatible server on loopback (SeaweedFS), for the tests of storage."""

import json
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from neuralbox.local import ports, processes


@dataclass(frozen=True, slots=True)
class S3Server:
    """Where the server listens, and the bucket and keys that it accepts."""

    url: str
    bucket: str
    access_key: str
    secret_key: str

    @property
    def environment(self) -> dict[str, str]:
        """The variables that make the site use this server."""
        return {
            "S3_ENDPOINT_URL": self.url,
            "S3_BUCKET": self.bucket,
            "S3_REGION": "us-east-1",
            "S3_ACCESS_KEY_ID": self.access_key,
            "S3_SECRET_ACCESS_KEY": self.secret_key,
        }

    def client(self):
        """A boto3 client with the keys of the site."""
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            config=Config(
                signature_version="s3v4",
                s3={"addressing_style": "path"},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                retries={"max_attempts": 1},
            ),
        )


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A server with one private bucket. Refuses bad signatures, expired links and anonymous requests."""
    folder = tmp_path_factory.mktemp("s3")
    access_key, secret_key = secrets.token_hex(10), secrets.token_hex(20)
    identities = folder / "identities.json"
    keys = [{"accessKey": access_key, "secretKey": secret_key}]
    actions = ["Admin", "Read", "Write", "List", "Tagging"]
    identities.write_text(json.dumps({"identities": [{"name": "site", "credentials": keys, "actions": actions}]}))
    server, process = _start(folder, identities, access_key, secret_key)
    try:
        yield server
    finally:
        # A polite stop takes this server up to half a minute; its data is thrown away anyway.
        processes.stop(process, how=signal.SIGKILL, patience=5)


def _start(
    folder: Path, identities: Path, access_key: str, secret_key: str
) -> tuple[S3Server, subprocess.Popen[bytes]]:
    """Start the server on free ports. Another program may take one of its many ports first: then once more."""
    for attempt in range(3):
        port = _free_port()
        with (folder / f"log-{attempt}").open("wb") as log:
            process = processes.start(
                [*_command(folder / str(attempt), port), f"-s3.config={identities}"], output=log, folder=folder
            )
        server = S3Server(f"http://127.0.0.1:{port}", "neuralbox-tests", access_key, secret_key)
        try:
            ports.wait_until_open(port, seconds=40)
            _create_bucket(server)
        except (TimeoutError, BotoCoreError, ClientError):
            processes.stop(process, how=signal.SIGKILL, patience=5)
        else:
            return server, process
    raise RuntimeError(f"the S3 server did not start:\n{(folder / 'log-2').read_text()[-2000:]}")


def _command(folder: Path, port: int) -> list[str]:
    weed = str(Path(sys.executable).parent / "weed")
    data = folder / "data"
    data.mkdir(parents=True)
    return [
        *(weed, "server", f"-dir={data}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3"),
        *(f"-master.port={_free_port()}", f"-volume.port={_free_port()}"),
        *(f"-filer.port={_free_port()}", f"-s3.port={port}"),
        # Its table catalogues would listen on fixed ports.
        *("-s3.port.iceberg=0", "-s3.port.lance=0"),
        *("-master.volumeSizeLimitMB=64", "-volume.max=50", "-master.telemetry=false"),
    ]


def _free_port() -> int:
    """A free port whose neighbour 10,000 above is free too: this server opens both.

    Both lie below the range from which the system takes ports for outgoing connections.
    """
    while True:
        port = 10_500 + secrets.randbelow(11_500)
        if not ports.is_taken(port) and not ports.is_taken(port + 10_000):
            return port


def _create_bucket(server: S3Server) -> None:
    """The port opens before the server can work."""
    for last_attempt in [False] * 60 + [True]:
        try:
            server.client().create_bucket(Bucket=server.bucket)
        except (BotoCoreError, ClientError):
            if last_attempt:
                raise
            time.sleep(0.5)
        else:
            return
