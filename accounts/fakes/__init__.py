"""Imitations of the six login providers on loopback, in one process: their addresses, their fields, their errors.

`python -m accounts.fakes --port 8020` runs them for a person; `accounts.fakes.server.Fakes` runs them inside tests.
"""

LOGINS = ("google", "yandex", "vk", "github", "telegram", "tiktok")


def credentials(login: str) -> tuple[str, str]:
    """Id and secret of the one application that each imitation knows."""
    return f"{login}-client", f"{login}-secret"


def environment(base_url: str) -> dict[str, str]:
    """The environment that makes the site use the imitations at `base_url`."""
    found = {}
    for login in LOGINS:
        client_id, secret = credentials(login)
        prefix = login.upper()
        found[f"{prefix}_CLIENT_ID"] = client_id
        found[f"{prefix}_CLIENT_SECRET"] = secret
        found[f"{prefix}_BASE_URL"] = f"{base_url.rstrip('/')}/{login}"
    return found
