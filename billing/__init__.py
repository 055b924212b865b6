"""Tokens and money: wallets, the double-entry ledger, holds, top-ups, spend caps. Knows no model and no provider."""
