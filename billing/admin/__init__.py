"""The back office's view of tokens and money."""

from billing.admin import books, corrections, payments, refunds, revenue, reviews, shop, wallets

__all__ = ["books", "corrections", "payments", "refunds", "revenue", "reviews", "shop", "wallets"]
