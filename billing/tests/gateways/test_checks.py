import pytest

from billing import checks
from billing.gateways import registry

EVERYTHING = {
    "TBANK_TERMINAL_KEY": "1700000000001",
    "TBANK_PASSWORD": "a",
    "ROBOKASSA_MERCHANT_LOGIN": "shop",
    "ROBOKASSA_PASSWORD_1": "a",
    "ROBOKASSA_PASSWORD_2": "b",
    "ROBOKASSA_PASSWORD_3": "c",
    "YOOKASSA_SHOP_ID": "1",
    "YOOKASSA_SECRET_KEY": "live_a",
    "STRIPE_SECRET_KEY": "sk_live_a",
    "STRIPE_WEBHOOK_SECRET": "whsec_a",
    "CRYPTOCLOUD_API_KEY": "a",
    "CRYPTOCLOUD_SHOP_ID": "b",
    "CRYPTOCLOUD_SECRET_KEY": "c",
    "NOWPAYMENTS_API_KEY": "a",
    "NOWPAYMENTS_IPN_SECRET": "b",
    "NOWPAYMENTS_EMAIL": "a@example.com",
    "NOWPAYMENTS_PASSWORD": "b",
    "FISCAL_TAX_SYSTEM": "osn",
    "FISCAL_VAT_CODE": "vat22",
    "FISCAL_EMAIL": "shop@example.com",
}
ALL = [
    checks.sandbox_in_local_mode_only,
    checks.no_half_configurations,
    checks.public_addresses_outside_of_local_mode,
    checks.real_money_in_production,
    checks.words_that_are_known,
    checks.receipts_in_production,
    checks.refunds_at_robokassa,
]


@pytest.fixture
def production(settings):
    """A production installation with every gateway."""
    settings.LOCAL_MODE, settings.PRODUCTION, settings.SANDBOX_BASE_URL = False, True, ""
    for name, value in EVERYTHING.items():
        setattr(settings, name, value)
    return settings


@pytest.fixture
def nothing(production):
    for name in EVERYTHING:
        setattr(production, name, "")
    return production


def found():
    return [message for check in ALL for message in check(None)]


def test_everything_and_nothing_are_both_fine(production):
    assert found() == []
    assert set(registry.configured()) == set(registry.GATEWAYS) - {"sandbox"}


def test_nothing_is_fine(nothing):
    assert found() == []
    assert registry.configured() == ()


@pytest.mark.parametrize("missing", sorted(set(EVERYTHING) - {"ROBOKASSA_PASSWORD_3"}))
def test_half_a_configuration_names_what_is_missing(production, missing):
    setattr(production, missing, "")
    errors = checks.no_half_configurations(None)
    assert [error.id for error in errors] == ["billing.E002"] * len(errors)
    assert any(error.msg.startswith(f"{missing} is not set, but ") for error in errors)


@pytest.mark.parametrize("present", sorted(EVERYTHING))
def test_one_variable_alone_is_never_enough(nothing, present):
    setattr(nothing, present, EVERYTHING[present])
    errors = checks.no_half_configurations(None)
    assert errors
    assert all(error.msg.endswith(f", but {present} is.") for error in errors)
    assert registry.configured() == ()


@pytest.mark.parametrize(
    "address",
    [
        "http://api.example.com",
        "https://127.0.0.1",
        "https://10.1.2.3/v2",
        "https://[::1]",
        "https://localhost",
        "https://intranet",
        "https://pay.internal",
        "ftp://api.example.com",
        "",
    ],
)
def test_only_public_addresses_with_https(production, address):
    for names in checks._ADDRESSES.values():
        for name in names:
            setattr(production, name, address)
    assert {error.id for error in found()} == {"billing.E003"}
    assert len(found()) == 8
    production.LOCAL_MODE = True
    assert checks.public_addresses_outside_of_local_mode(None) == []


def test_the_sandbox_is_refused_outside_of_local_mode(production):
    production.SANDBOX_BASE_URL = "http://127.0.0.1:8011/sandbox"
    assert [error.id for error in found()] == ["billing.E001"]
    assert "sandbox" not in registry.configured()


@pytest.mark.parametrize(
    ("name", "value", "slug"),
    [
        ("TBANK_TERMINAL_KEY", "1700000000001DEMO", "tbank"),
        ("ROBOKASSA_TEST", True, "robokassa"),
        ("YOOKASSA_SECRET_KEY", "test_a", "yookassa"),
        ("STRIPE_SECRET_KEY", "sk_test_a", "stripe"),
        ("STRIPE_SECRET_KEY", "rk_test_a", "stripe"),
        ("CRYPTOCLOUD_TEST", True, "cryptocloud"),
        ("NOWPAYMENTS_BASE_URL", "https://api-sandbox.nowpayments.io/v1", "nowpayments"),
    ],
)
def test_test_credentials_are_refused_in_production(production, name, value, slug):
    setattr(production, name, value)
    assert [(error.id, slug in error.msg) for error in found()] == [("billing.E004", True)]
    production.PRODUCTION = False
    assert found() == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FISCAL_TAX_SYSTEM", "USN"),
        ("FISCAL_VAT_CODE", "22"),
        ("FISCAL_PAYMENT_SUBJECT", "tokens"),
        ("FISCAL_PAYMENT_METHOD", "prepaid"),
        ("ROBOKASSA_HASH", "crc32"),
        ("YOOKASSA_NETWORKS", ["185.71.76.0/33"]),
        ("YOOKASSA_NETWORKS", []),
        ("TBANK_NETWORKS", ["everywhere"]),
    ],
)
def test_words_that_mean_nothing(production, name, value):
    setattr(production, name, value)
    errors = found()
    assert [error.id for error in errors] == ["billing.E005"]
    assert name in errors[0].msg


def test_what_an_operator_is_warned_of(production):
    for name in ("FISCAL_TAX_SYSTEM", "FISCAL_VAT_CODE", "FISCAL_EMAIL", "ROBOKASSA_PASSWORD_3"):
        setattr(production, name, "")
    assert [warning.id for warning in found()] == ["billing.W001", "billing.W002"]
