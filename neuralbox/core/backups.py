"""Backups of everything: all tables of one moment, and all files; and back again, checked.

A backup is a folder: `manifest.json`, `tables/*.copy.gz` and `files/`. It needs nothing but a connection to the
database: rows go through `COPY`, the schema comes from the migrations. A backup can only be restored by a version of
the program with the same migrations; the manifest names them.
"""

import gzip
import hashlib
import json
import mimetypes
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from psycopg import sql

from neuralbox.core import storage

FORMAT = 1
CHUNK_BYTES = 1024 * 1024


class BackupProblem(Exception):
    """The backup cannot be made or restored; the text says why."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a backup holds."""

    tables: int
    rows: int
    files: int
    bytes: int


def make(folder: Path) -> Summary:
    """Write a backup into `folder`, which must be empty or not there. The database is read as of one moment.

    Files are copied after the rows: one that is removed in between is missing, and one that came is extra; both belong
    to work that was not finished. Raises BackupProblem.
    """
    if folder.exists() and any(folder.iterdir()):
        raise BackupProblem(f"{folder} is not empty")
    (folder / "tables").mkdir(parents=True)
    folder.chmod(0o700)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SET LOCAL statement_timeout = 0")
        tables = {name: _dump(cursor, name, folder / "tables") for name in _tables(cursor)}
    files = {key: _copy_out(key, folder / "files" / key) for key in _stored()}
    manifest = {
        "format": FORMAT,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "migrations": _migrations(),
        "tables": tables,
        "files": files,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True), encoding="utf-8")
    return _summary(manifest)


def check(folder: Path) -> dict[str, Any]:
    """The manifest of a backup whose every byte was compared with it. Raises BackupProblem."""
    try:
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BackupProblem(f"{folder} holds no complete backup") from error
    if manifest.get("format") != FORMAT:
        raise BackupProblem("the backup has another format")
    wanted = {f"tables/{name}.copy.gz": table["sha256"] for name, table in manifest["tables"].items()}
    wanted |= {f"files/{key}": file["sha256"] for key, file in manifest["files"].items()}
    for name, digest in wanted.items():
        if not (folder / name).is_file() or _digest(folder / name) != digest:
            raise BackupProblem(f"{name} is missing or damaged")
    return manifest


def restore(folder: Path) -> Summary:
    """Bring a backup back into an empty database and an empty store. All rows or none. Raises BackupProblem."""
    manifest = check(folder)
    call_command("migrate", interactive=False, verbosity=0)
    if _migrations() != manifest["migrations"]:
        raise BackupProblem("the backup is of another version of the program: its migrations differ")
    if _is_in_use():
        raise BackupProblem("the database is in use: restore into an empty one")
    if next(iter(_stored()), None) is not None:
        raise BackupProblem("the store has files: restore into an empty one")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        for name in manifest["tables"]:
            _quietly(cursor, name, "DISABLE")
        # What migrations have put there themselves stands in the backup too.
        for name in manifest["tables"]:
            cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))
        for name, table in manifest["tables"].items():
            _load(cursor, name, table, folder / "tables")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for name in manifest["tables"]:
            _quietly(cursor, name, "ENABLE")
        _advance_sequences(cursor, manifest["tables"])
    for key in manifest["files"]:
        _copy_in(folder / "files" / key, key)
    return _summary(manifest)


def _summary(manifest: dict[str, Any]) -> Summary:
    tables, files = manifest["tables"].values(), manifest["files"].values()
    rows = sum(table["rows"] for table in tables)
    return Summary(len(tables), rows, len(files), sum(file["bytes"] for file in files))


def _migrations() -> list[str]:
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted(f"{app}.{name}" for app, name in applied)


def _is_in_use() -> bool:
    return bool(get_user_model()._default_manager.exists())


# --- rows ----------------------------------------------------------------------------------------
def _tables(cursor: Any) -> list[str]:
    cursor.execute(
        """SELECT table_name FROM information_schema.tables
           WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY table_name"""
    )
    return [row[0] for row in cursor.fetchall()]


def _columns(cursor: Any, table: str) -> list[str]:
    cursor.execute(
        """SELECT column_name FROM information_schema.columns
           WHERE table_schema = current_schema() AND table_name = %s AND is_generated = 'NEVER'
           ORDER BY ordinal_position""",
        [table],
    )
    return [row[0] for row in cursor.fetchall()]


def _dump(cursor: Any, table: str, folder: Path) -> dict[str, Any]:
    columns, path = _columns(cursor, table), folder / f"{table}.copy.gz"
    query = sql.SQL("COPY {} ({}) TO STDOUT").format(sql.Identifier(table), _listed(columns))
    # The time of the archive's header would make equal backups differ.
    with path.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) as file:
        rows = 0
        with cursor.copy(query) as copy:
            for chunk in copy:
                rows += bytes(chunk).count(b"\n")
                file.write(chunk)
    return {"columns": columns, "rows": rows, "sha256": _digest(path)}


def _load(cursor: Any, table: str, described: dict[str, Any], folder: Path) -> None:
    query = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), _listed(described["columns"]))
    with gzip.open(folder / f"{table}.copy.gz", "rb") as file, cursor.copy(query) as copy:
        while chunk := file.read(CHUNK_BYTES):
            copy.write(chunk)


def _listed(columns: list[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def _quietly(cursor: Any, table: str, what: str) -> None:
    """Our own triggers say what may happen to rows that live, not to those that come back."""
    cursor.execute(sql.SQL("ALTER TABLE {} {} TRIGGER USER").format(sql.Identifier(table), sql.SQL(what)))


def _advance_sequences(cursor: Any, tables: dict[str, Any]) -> None:
    cursor.execute(
        """SELECT seq.relname, tab.relname, col.attname
           FROM pg_class seq
           JOIN pg_depend dep ON dep.objid = seq.oid AND dep.deptype IN ('a', 'i')
           JOIN pg_class tab ON tab.oid = dep.refobjid
           JOIN pg_attribute col ON col.attrelid = tab.oid AND col.attnum = dep.refobjsubid
           WHERE seq.relkind = 'S'"""
    )
    owned = [row for row in cursor.fetchall() if row[1] in tables]
    # A sequence of its own: numbers of payments go on where they stood.
    cursor.execute("SELECT 1 FROM pg_class WHERE relkind = 'S' AND relname = 'billing_payment_number'")
    if cursor.fetchone():
        owned.append(("billing_payment_number", "billing_payment", "number"))
    for sequence, table, column in owned:
        cursor.execute(
            sql.SQL("SELECT setval({}, greatest((SELECT max({}) FROM {}), 1), true)").format(
                sql.Literal(sequence), sql.Identifier(column), sql.Identifier(table)
            )
        )


# --- files ---------------------------------------------------------------------------------------
def _stored() -> Iterator[str]:
    return (found.key for found in storage.store().listing(""))


def _copy_out(key: str, target: Path) -> dict[str, Any]:
    target.parent.mkdir(parents=True, exist_ok=True)
    with storage.store().open_file(key) as source, target.open("wb") as copy:
        shutil.copyfileobj(source, copy, CHUNK_BYTES)
    return {"bytes": target.stat().st_size, "sha256": _digest(target)}


def _copy_in(source: Path, key: str) -> None:
    """A copy is stored, because storing may consume what it is given."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "file"
        shutil.copyfile(source, copy)
        storage.store().put(key, copy, mime=_mime(key))


def _mime(key: str) -> str:
    return mimetypes.guess_type(key)[0] or "application/octet-stream"


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
