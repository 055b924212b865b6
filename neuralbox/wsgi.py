"""Entry point for WSGI servers: the API and the pages in production."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "neuralbox.settings.production")

application = get_wsgi_application()
