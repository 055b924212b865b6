import pytest

from providers import checks, registry


def test_the_offline_provider_is_silent_in_local_mode(settings):
    settings.LOCAL_MODE = True
    settings.OFFLINE_BASE_URL = "http://127.0.0.1:8010"
    assert checks.offline_provider_in_local_mode_only(None) == []
    assert "offline" in registry.configured()


def test_its_settings_are_refused_outside_of_local_mode(settings):
    settings.LOCAL_MODE = False
    settings.OFFLINE_BASE_URL = "http://127.0.0.1:8010"
    settings.OFFLINE_API_KEY = "key"
    errors = checks.offline_provider_in_local_mode_only(None)
    assert [error.id for error in errors] == ["providers.E001", "providers.E001"]
    assert registry.configured() == ()


def test_without_an_address_it_is_not_offered(settings):
    del settings.OFFLINE_BASE_URL
    assert "offline" not in registry.configured()


def test_no_provider_at_all_is_a_whole_configuration(settings):
    for prefix in ("KIE", "PIAPI", "GOAPI", "SUNO", "HEYGEN"):
        setattr(settings, f"{prefix}_API_KEY", "")
    assert checks.no_half_configurations(None) == []


@pytest.mark.parametrize(
    ("present", "missing"),
    [
        ("KIE_WEBHOOK_HMAC_KEY", "KIE_API_KEY"),
        ("PIAPI_WEBHOOK_SECRET", "PIAPI_API_KEY"),
        ("GOAPI_WEBHOOK_SECRET", "GOAPI_API_KEY"),
        ("SUNO_UPLOAD_BASE_URL", "SUNO_API_KEY"),
        ("HEYGEN_WEBHOOK_SECRET", "HEYGEN_API_KEY"),
    ],
)
def test_half_a_configuration_names_the_missing_variable(settings, present, missing):
    setattr(settings, present, "https://given.example.com")
    (error,) = checks.no_half_configurations(None)
    assert (error.id, error.msg) == ("providers.E002", f"{missing} is not set, but {present} is.")


@pytest.mark.parametrize(
    "missing", ["KIE_BASE_URL", "KIE_UPLOAD_BASE_URL", "PIAPI_BASE_URL", "GOAPI_BASE_URL", "SUNO_BASE_URL",
                "HEYGEN_BASE_URL", "HEYGEN_UPLOAD_BASE_URL"],
)  # fmt: skip
def test_a_key_without_an_address_names_the_missing_variable(settings, missing):
    prefix = missing.partition("_")[0]
    setattr(settings, f"{prefix}_API_KEY", "key")
    setattr(settings, missing, "")
    (error,) = checks.no_half_configurations(None)
    assert (error.id, error.msg) == ("providers.E002", f"{missing} is not set, but {prefix}_API_KEY is.")


@pytest.mark.parametrize(
    "address",
    [
        "http://api.kie.ai",
        "https://127.0.0.1:8020/kie",
        "https://10.1.2.3",
        "https://[::1]",
        "https://169.254.169.254",
        "https://localhost",
        "https://localhost.",
        "https://fake.local",
        "https://providers.internal",
        "https://intranet",
        "ftp://api.kie.ai",
        "api.kie.ai",
    ],
)
def test_outside_of_local_mode_only_public_addresses_with_https_are_called(settings, address):
    settings.KIE_BASE_URL = address
    settings.LOCAL_MODE = True
    assert checks.public_addresses_outside_of_local_mode(None) == []
    settings.LOCAL_MODE = False
    (error,) = checks.public_addresses_outside_of_local_mode(None)
    assert (error.id, error.msg) == ("providers.E003", "KIE_BASE_URL is not a public address with HTTPS.")


def test_the_addresses_that_come_with_the_product_are_public(settings):
    settings.LOCAL_MODE = False
    settings.OFFLINE_BASE_URL = ""
    assert checks.public_addresses_outside_of_local_mode(None) == []
