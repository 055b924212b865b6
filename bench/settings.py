"""Settings of the benchmarked site: local mode without DEBUG, and views to compare with."""

from neuralbox.settings import local
from neuralbox.settings.local import *  # noqa: F403

DEBUG = False
ROOT_URLCONF = "bench.urls"
RATE_LIMITS = dict.fromkeys(local.RATE_LIMITS, "100000000/60")
LOGGING = {**local.LOGGING, "root": {"handlers": ["console"], "level": "ERROR"}}
