"""Several results in one file: a ZIP that is made while it is sent, so that any size needs little memory.

A link names the owner and the generations, signed. What is still there when the link is followed goes into the file,
beside `list.json`, which says what each file was made from.
"""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import zipstream
from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.text import slugify
from django.utils.timezone import localtime

from generations import selectors
from generations.errors import NothingToDownload
from generations.selectors import Row
from generations.services.links import ExpiredLink, InvalidLink
from neuralbox.core import storage

MOST = 100
_SALT = "neuralbox.archives"
_PIECE_BYTES = 256 * 1024
_WORDS_IN_NAME = 40


@dataclass(frozen=True, slots=True)
class Offer:
    """Where the ZIP is, how many files it has, how many bytes; `expires_at` in Unix seconds."""

    path: str
    files: int
    bytes: int
    expires_at: int


@dataclass(frozen=True, slots=True)
class Archive:
    """A ZIP about to be made: `pieces` reads the stored files as it goes."""

    name: str
    length: int
    pieces: Iterator[bytes]


def link(owner_id: UUID, generation_ids: Sequence[UUID]) -> Offer:
    """A short-lived link to a ZIP of the owner's results. Ids of others are passed over.

    Raises NothingToDownload when none of them has a file.
    """
    rows = selectors.generation_rows(owner_id, generation_ids)
    archive = _archive(rows)
    expires_at = int(time.time() + settings.SIGNED_LINK_LIFETIME.total_seconds())
    named = "".join(row["id"].hex for row in rows)
    token = signing.Signer(salt=_SALT).sign_object([owner_id.hex, named, expires_at], compress=True)
    files = sum(len(row["assets"] or ()) for row in rows)
    return Offer(reverse("files:archive", args=[token]), files, archive.length, expires_at)


def opened(token: str) -> Archive:
    """The ZIP behind a link. Raises InvalidLink, ExpiredLink, NothingToDownload."""
    try:
        owner, named, expires_at = signing.Signer(salt=_SALT).unsign_object(token)
    except (signing.BadSignature, ValueError) as error:
        raise InvalidLink from error
    if time.time() >= expires_at:
        raise ExpiredLink
    ids = [UUID(named[at : at + 32]) for at in range(0, len(named), 32)]
    return _archive(selectors.generation_rows(UUID(owner), ids))


def _archive(rows: Sequence[Row]) -> Archive:
    # Pictures, sound and films do not get smaller; without compression the length is known before the first byte.
    made = zipstream.ZipStream(sized=True)
    listed = []
    for row in rows:
        for number, asset in enumerate(row["assets"] or (), start=1):
            name = _name(row, asset, number)
            made.add(_content(asset["storage_key"]), name, size=asset["bytes"])
            listed.append(_entry(row, asset, name))
    if not listed:
        raise NothingToDownload
    made.add(json.dumps(listed, ensure_ascii=False, indent=2), "list.json")
    return Archive(f"neuralbox-{localtime():%Y-%m-%d-%H%M}.zip", len(made), iter(made))


def _name(row: Row, asset: dict[str, Any], number: int) -> str:
    """Such as `2026-11-24_demo-image_a-lighthouse-at-dawn_3ba001f2.png`; sorts by day, and says what it is."""
    words = slugify(row["prompt"], allow_unicode=True)[:_WORDS_IN_NAME].strip("-_")
    parts = [f"{row['created_at']:%Y-%m-%d}", row["model"], words, row["id"].hex[-8:]]
    several = f"-{number}" if len(row["assets"]) > 1 else ""
    return "_".join(part for part in parts if part) + f"{several}.{asset['storage_key'].rpartition('.')[2]}"


def _entry(row: Row, asset: dict[str, Any], name: str) -> dict[str, Any]:
    return {
        "file": name,
        "generation": str(row["id"]),
        "model": row["model"],
        "prompt": row["prompt"],
        "input": row["input"],
        "tokens": row["tokens_captured"],
        "created_at": row["created_at"].isoformat(timespec="seconds"),
        "mime": asset["mime"],
        "bytes": asset["bytes"],
        "sha256": asset["sha256"],
    }


def _content(key: str) -> Iterator[bytes]:
    with storage.store().open_file(key) as file:
        while piece := file.read(_PIECE_BYTES):
            yield piece
