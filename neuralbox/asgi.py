"""Entry point for ASGI servers: event streams in production, everything in local mode."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "neuralbox.settings.production")

application = get_asgi_application()
