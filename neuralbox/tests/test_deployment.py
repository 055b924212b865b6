"""Production settings: safe, encrypted, and unwilling to start without their secrets (P9, P20)."""

import json
import os
import re
import subprocess
import sys

import pytest
import yaml

from neuralbox.local import site
from scripts.check import PRODUCTION

# What a process in production finds, in one start of Python.
LOOK = """
import json, django
from django.conf import settings
django.setup()
from django.core import checks
from django.test import RequestFactory
from django.middleware.security import SecurityMiddleware
from django.http import HttpResponse

def answer(**headers):
    request = RequestFactory().get("/wallet", HTTP_HOST="neuralbox.example", **headers)
    return SecurityMiddleware(lambda _request: HttpResponse())(request)

plain, secure = answer(), answer(HTTP_X_FORWARDED_PROTO="https")
found = checks.run_checks(include_deployment_checks=True)
print(json.dumps({
    "warnings": [str(message) for message in found if not message.is_silenced()],
    "errors": [str(message) for message in found if message.is_serious()],
    "ids": sorted(message.id for message in found if not message.is_silenced()),
    "plain": [plain.status_code, plain.headers.get("Location")],
    "hsts": secure.headers.get("Strict-Transport-Security"),
    "cookies": [settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE, settings.SESSION_COOKIE_HTTPONLY],
    "debug": settings.DEBUG,
    "dummy": "allauth.socialaccount.providers.dummy" in settings.INSTALLED_APPS,
    "local": settings.LOCAL_MODE,
}))
"""


def started(environment):
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "TMPDIR", "LANG"}}
    return subprocess.run(
        [sys.executable, "-c", LOOK],
        check=False,
        env={**kept, "NEURALBOX_DATA_DIR": os.environ["NEURALBOX_DATA_DIR"], **environment},
        cwd=site.REPOSITORY,
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def production():
    finished = started(PRODUCTION)
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


@pytest.mark.promise("P9")
def test_the_deployment_check_has_nothing_to_say(production):
    assert production["warnings"] == []
    assert (production["debug"], production["dummy"], production["local"]) == (False, False, False)


PLAIN = {
    "DATABASE_URL": "postgresql://neuralbox@database.example/neuralbox",
    "REDIS_URL": "redis://broker.example:6379/0",
    "S3_BUCKET": "files",
    "S3_ENDPOINT_URL": "http://files.example",
    "EMAIL_URL": "smtp://site:secret@mail.example:25",
    "WEBHOOK_BASE_URL": "http://neuralbox.example",
    "KIE_BASE_URL": "http://kie.example",
    "STRIPE_BASE_URL": "http://stripe.example",
    "GOOGLE_BASE_URL": "http://google.example",
}


@pytest.mark.promise("P9")
def test_the_deployment_check_refuses_plain_transport_to_anybody():
    found = json.loads(started({**PRODUCTION, **PLAIN}).stdout)
    for setting in ("DATABASE_URL", "REDIS_URL", "S3_ENDPOINT_URL", "EMAIL_URL", "WEBHOOK_BASE_URL"):
        assert any(f"(core.E001) {setting}:" in message for message in found["errors"]), setting
    # AI providers, payment gateways and logins say it themselves.
    for check in ("providers.E003", "billing.E003", "accounts.E005"):
        assert any(f"({check})" in message for message in found["errors"]), check


@pytest.mark.promise("P9")
def test_an_exception_for_a_private_network_is_named_and_stays_visible():
    stores = {name: PLAIN[name] for name in ("DATABASE_URL", "REDIS_URL")}
    private = {"PLAIN_TRANSPORT_HOSTS": "database.example,broker.example"}
    found = json.loads(started({**PRODUCTION, **stores, **private}).stdout)
    assert (found["ids"], found["errors"]) == (["core.W001", "core.W001"], [])


@pytest.mark.promise("P9")
def test_the_compose_file_passes_without_an_exception():
    compose = yaml.safe_load((site.REPOSITORY / "deploy" / "compose.yaml").read_text())
    filled_in = {"SITE_HOST": "neuralbox.example", "DATABASE_PASSWORD": "secret"}
    environment = {
        name: re.sub(r"\$\{(\w+)[^}]*\}", lambda found: filled_in[found[1]], value)
        for name, value in compose["x-site"]["environment"].items()
    }
    assert json.loads(started({**PRODUCTION, **environment}).stdout)["ids"] == []
    for name in ("database", "broker"):
        assert compose["services"][name]["network_mode"] == "none"


@pytest.mark.promise("P20")
def test_everything_is_https_and_stays_so(production):
    assert production["plain"] == [301, "https://neuralbox.example/wallet"]
    assert production["hsts"] == "max-age=31536000; includeSubDomains; preload"
    assert production["cookies"] == [True, True, True]


@pytest.mark.promise("P9")
@pytest.mark.parametrize("secret", ["SECRET_KEY", "DATABASE_URL", "REDIS_URL", "ALLOWED_HOSTS"])
def test_production_does_not_start_without_its_secrets(secret):
    finished = started({name: value for name, value in PRODUCTION.items() if name != secret})
    assert finished.returncode != 0
    assert secret in finished.stderr
