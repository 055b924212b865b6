"""Puts the pieces together: settings, URLs, Celery, ASGI and WSGI. Holds no business rule."""

from neuralbox.celery import app as celery_app

__all__ = ["celery_app"]
