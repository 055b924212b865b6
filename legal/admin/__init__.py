"""The back office of privacy: documents, requests with deadlines, retention, registers."""

from legal.admin import deletions, documents, registers, retention

__all__ = ["deletions", "documents", "registers", "retention"]
