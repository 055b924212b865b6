"""The test suite: local mode with DEBUG off, so that tests see what users see."""

from neuralbox.settings import local
from neuralbox.settings.env import env
from neuralbox.settings.local import *  # noqa: F403

DEBUG = False
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
WHITENOISE_AUTOREFRESH = False
# Staff sign in often here, and nothing worth guessing is behind their passwords.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
INSTALLED_APPS = [*local.INSTALLED_APPS]
# Tests of the back office are not about getting in; those that are switch it on.
STAFF_NEED_SECOND_FACTOR = False
# All tests call from one address; what limits do is tested with limits of its own.
RATE_LIMITS = dict.fromkeys(local.RATE_LIMITS, "1000000/60")
# Nothing is collected for tests, and WhiteNoise warns about a folder that is missing.
local.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
# Random steps of the property test of the ledger.
LEDGER_STEPS = env.int("LEDGER_STEPS", 20_000 if env.bool("CI", False) else 1200)
LIFECYCLE_STEPS = env.int("LIFECYCLE_STEPS", 4_000 if env.bool("CI", False) else 800)
