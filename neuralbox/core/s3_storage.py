"""Private S3-compatible storage, as configured by the `S3_…` settings."""

import contextlib
import functools
import tempfile
import threading
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import quote

from boto3.s3.transfer import TransferConfig
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import ClientError
from django.conf import settings
from storages.backends.s3 import S3Storage

from neuralbox.core.storage import StoredObject

_PART_BYTES = 8 * 1024 * 1024


class PrivateS3Storage(S3Storage):
    """A private bucket. Links are signed and short-lived; one client serves all threads of a process.

    Checksums are computed and validated only when the operation needs them: not every compatible server
    answers range reads with a checksum. An upload holds some 24 MiB in memory, whatever the file's size.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._shared_lock = threading.Lock()
        self._shared_connection: Any = None

    def get_default_settings(self) -> dict[str, Any]:
        return super().get_default_settings() | {
            "bucket_name": settings.S3_BUCKET,
            "endpoint_url": settings.S3_ENDPOINT_URL or None,
            "region_name": settings.S3_REGION,
            "access_key": settings.S3_ACCESS_KEY_ID,
            "secret_key": settings.S3_SECRET_ACCESS_KEY,
            "default_acl": None,
            "file_overwrite": True,
            "max_memory_size": _PART_BYTES,
            "querystring_auth": True,
            "querystring_expire": int(settings.SIGNED_LINK_LIFETIME.total_seconds()),
            "transfer_config": TransferConfig(
                multipart_threshold=_PART_BYTES, multipart_chunksize=_PART_BYTES, max_concurrency=2
            ),
            "client_config": Config(
                signature_version="s3v4",
                s3={"addressing_style": "path"},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                connect_timeout=5,
                read_timeout=60,
                retries={"max_attempts": 3, "mode": "standard"},
                max_pool_connections=32,
            ),
        }

    @property
    def connection(self) -> Any:
        with self._shared_lock:
            if self._shared_connection is None:
                self._shared_connection = self._create_session().resource(
                    "s3", region_name=self.region_name, endpoint_url=self.endpoint_url, config=self.client_config
                )
            return self._shared_connection

    @property
    def _client(self) -> Any:
        return self.connection.meta.client

    def put(self, key: str, path: Path, *, mime: str) -> None:
        """See FileStore. A failed upload leaves nothing: its parts are aborted."""
        self._client.upload_file(
            str(path), self.bucket_name, key, ExtraArgs={"ContentType": mime}, Config=self.transfer_config
        )

    def open_file(self, key: str) -> BinaryIO:
        folder = settings.DATA_DIR / "tmp"
        folder.mkdir(parents=True, exist_ok=True)
        copy = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - the caller closes it
        try:
            self._client.download_fileobj(self.bucket_name, key, copy, Config=self.transfer_config)
        except ClientError as error:
            copy.close()
            if error.response["Error"]["Code"] in {"404", "NoSuchKey"}:
                raise FileNotFoundError(key) from error
            raise
        copy.seek(0)
        return cast(BinaryIO, copy)

    def remove(self, keys: Iterable[str]) -> None:
        for key in keys:
            with contextlib.suppress(self._client.exceptions.NoSuchKey):
                self._client.delete_object(Bucket=self.bucket_name, Key=key)

    def listing(self, prefix: str) -> Iterator[StoredObject]:
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket_name, Prefix=f"{prefix}/" if prefix else ""
        )
        for page in pages:
            for entry in page.get("Contents", ()):
                yield StoredObject(entry["Key"], entry["Size"], entry["LastModified"].astimezone(UTC))

    def presigned(self, key: str, *, mime: str, disposition: str, issued_at: int, lifetime: int) -> str | None:
        """Signed here, without a call and without a client: some thousands a second."""
        address = f"{self._public_base}/{self.bucket_name}/{quote(key)}"
        overrides = {"response-content-type": mime, "response-content-disposition": disposition}
        request = AWSRequest(method="GET", url=address, params=overrides)
        _DatedSignature(self._credentials, self.region_name, issued_at, lifetime).add_auth(request)
        return str(request.url)

    @functools.cached_property
    def _public_base(self) -> str:
        return (self.endpoint_url or f"https://s3.{self.region_name}.amazonaws.com").rstrip("/")

    @functools.cached_property
    def _credentials(self) -> Any:
        return self._create_session().get_credentials()


class _DatedSignature(S3SigV4QueryAuth):
    """A signed link as of a given moment, so that the same link is made again within its time window."""

    def __init__(self, credentials: Any, region: str, issued_at: int, lifetime: int) -> None:
        super().__init__(credentials, "s3", region, lifetime)
        self._stamp = datetime.fromtimestamp(issued_at, UTC).strftime("%Y%m%dT%H%M%SZ")

    def _modify_request_before_signing(self, request: AWSRequest) -> None:
        request.context["timestamp"] = self._stamp
        super()._modify_request_before_signing(request)
