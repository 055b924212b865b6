"""The back office's view of tokens."""

from billing.admin import books, corrections, wallets

__all__ = ["books", "corrections", "wallets"]
