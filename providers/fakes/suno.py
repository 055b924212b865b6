"""A stand-in for sunoapi.org: nothing is signed, and its code 429 means that the credits are used up."""

from providers.fakes.suno_family import SunoFamily

KEY = "fake-suno-key"


def environment(base_url: str) -> dict[str, str]:
    """The settings that make a site use this stand-in."""
    return {
        "SUNO_API_KEY": KEY,
        "SUNO_BASE_URL": f"{base_url}/suno",
        "SUNO_UPLOAD_BASE_URL": f"{base_url}/suno",
    }


class SunoApp(SunoFamily):
    """sunoapi.org."""

    prefix = "suno"
    key = KEY
    rate_code = 430
    money_code = 429
