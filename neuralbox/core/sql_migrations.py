"""Migrations that install SQL functions and triggers, written beside them as `.sql` files."""

from pathlib import Path

from django.db import migrations


def install(migration_file: str, name: str) -> migrations.RunSQL:
    """Run `sql/<name>.sql` of the app whose migration calls this; `sql/<name>.drop.sql` undoes it."""
    folder = Path(migration_file).resolve().parent.parent / "sql"
    up = (folder / f"{name}.sql").read_text(encoding="utf-8")
    down = (folder / f"{name}.drop.sql").read_text(encoding="utf-8")
    return migrations.RunSQL(up, down)


def replace(migration_file: str, name: str) -> migrations.RunSQL:
    """Run `sql/<name>.sql` again after it has changed: it says CREATE OR REPLACE. Undoing leaves the newer function."""
    folder = Path(migration_file).resolve().parent.parent / "sql"
    return migrations.RunSQL((folder / f"{name}.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop)
