"""Fixtures for every test."""

import os

# Playwright keeps an event loop in the main thread, where Django would refuse to use the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

pytest_plugins = [
    "neuralbox.tests.databases",
    "neuralbox.tests.fixtures",
    "neuralbox.tests.groups",
    "neuralbox.tests.site",
    "neuralbox.tests.s3",
    "neuralbox.tests.browser",
    "accounts.tests.fixtures",
    "providers.tests.fixtures",
    "billing.tests.fixtures",
    "generations.tests.fixtures",
]
