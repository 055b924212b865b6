"""Fixtures for every test."""

import os

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

pytest_plugins = [
    "neuralbox.tests.fixtures",
]
