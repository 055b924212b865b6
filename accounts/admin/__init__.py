"""The back office's view of people."""

from accounts.admin import libraries, login, records, users

__all__ = ["libraries", "login", "records", "users"]
