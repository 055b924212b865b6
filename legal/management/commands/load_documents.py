"""Brings the documents of the product into the database."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from legal.services import documents

TEXTS = Path(__file__).resolve().parent.parent.parent / "texts"
# In their order on the site; people agree to the first two when they join.
DOCUMENTS = {"terms": True, "privacy": True, "offer": False, "refunds": False, "cookies": False}


def texts(slug: str) -> dict[str, str]:
    """Titles and bodies of a document, from its files: the first line is the title."""
    found: dict[str, str] = {}
    for language in ("ru", "en"):
        title, _newline, body = (TEXTS / f"{slug}.{language}.md").read_text(encoding="utf-8").partition("\n")
        found |= {f"title_{language}": title.removeprefix("# ").strip(), f"body_{language}": body.strip() + "\n"}
    return found


class Command(BaseCommand):
    help = "Publishes the documents' first versions; later a changed text becomes a draft, which staff publish."

    def handle(self, *args: Any, **options: Any) -> None:
        for position, (slug, is_accepted) in enumerate(DOCUMENTS.items(), start=1):
            made = documents.load(slug=slug, position=position, is_accepted=is_accepted, texts=texts(slug))
            if made:
                self.stdout.write(f"{slug}: version {made.number}, {made.status}")
