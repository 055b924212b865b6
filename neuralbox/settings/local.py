"""`make run`: everything on this machine, without a key. Offers the offline provider and the dummy login."""

from neuralbox.settings import base
from neuralbox.settings.base import *  # noqa: F403
from neuralbox.settings.env import env

DEBUG = env.bool("DEBUG", False)
LOCAL_MODE = True
SECRET_KEY = base.SECRET_KEY or "local-mode-only-not-a-secret-" + "0123456789" * 3
ALLOWED_HOSTS = base.ALLOWED_HOSTS or ["localhost", "127.0.0.1", "[::1]", "testserver"]
INSTALLED_APPS = [*base.INSTALLED_APPS, "allauth.socialaccount.providers.dummy", "neuralbox.local"]
STORAGES = {
    **base.STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
OFFLINE_BASE_URL = env.str("OFFLINE_BASE_URL", "http://127.0.0.1:8010")
SANDBOX_BASE_URL = env.str("SANDBOX_BASE_URL", "http://127.0.0.1:8011/sandbox")
if not env.str("EMAIL_URL", ""):
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = base.DATA_DIR / "mail"
base.LOGGING["handlers"]["console"]["formatter"] = "plain"
