"""The back office's view of people."""

from accounts.admin import libraries, login, records, support, users

__all__ = ["libraries", "login", "records", "support", "users"]
