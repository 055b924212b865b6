"""The test suite: local mode with DEBUG off, so that tests see what users see."""

from neuralbox.settings import local
from neuralbox.settings.local import *  # noqa: F403

DEBUG = False
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
WHITENOISE_AUTOREFRESH = False
INSTALLED_APPS = [*local.INSTALLED_APPS]
