"""A shop with packages, the sandbox as its gateway, and a postman who brings notifications when the test says so."""

import pytest
from celery import current_app
from django.test import Client

from billing.services import payments, starter_shop
from neuralbox.core.models import Job


@pytest.fixture
def shop(db):
    starter_shop.load()


class Postman:
    """Keeps what the gateways send. `bring` posts it to the site, as often and in the order that a test wants."""

    def __init__(self, fakes):
        self.letters = []
        fakes.house.transport = self._keep
        fakes.house.site_url = "http://testserver"

    def _keep(self, method, url, headers, body):
        self.letters.append((method, url, dict(headers), body))
        return 200, "OK"

    def post(self, letter):
        method, url, headers, body = letter
        path = url[url.index("/webhooks/") :]
        content_type = headers.get("Content-Type", "application/json")
        extra = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
        return Client().generic(method, path, body or b"", content_type=content_type, **extra)

    def bring(self):
        """Everything that waits, in the order in which it was sent."""
        answers = [self.post(letter) for letter in self.letters]
        self.letters.clear()
        return answers


@pytest.fixture
def postman(gateway_fakes):
    return Postman(gateway_fakes)


@pytest.fixture
def buy(shop, gateway_fakes, postman):
    """Begins a payment for a package at the sandbox."""

    def begin(user, package="base", **more):
        return payments.start(owner_id=user.pk, gateway="sandbox", **({"package": package} | more))

    return begin


@pytest.fixture
def bought(buy, gateway_fakes, postman):
    """A payment that was paid and told about."""

    def begin(user, package="base", **more):
        payment = buy(user, package, **more)
        gateway_fakes.sandbox.act(payment.external_id, "pay")
        postman.bring()
        payment.refresh_from_db()
        return payment

    return begin


@pytest.fixture
def run_jobs(db):
    """Runs the jobs of billing that wait, as a worker would, and those that they begin."""

    def run():
        while job := Job.objects.filter(name__startswith="billing.").order_by("created_at").first():
            job.delete()
            current_app.tasks[job.name].run.__wrapped__(*job.args)

    return run
