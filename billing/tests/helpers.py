"""What tests of every app ask of the books."""

from billing.selectors import ledger_differences


def assert_ledger_is_clean():
    """Balances, holds, caps and the hash chain all follow from the journal."""
    assert list(ledger_differences()) == []
