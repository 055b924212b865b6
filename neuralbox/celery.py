"""The Celery application. What runs periodically stands in `CELERY_BEAT_SCHEDULE` of the settings."""

import os

from celery import Celery
from kombu.transport.redis import Channel

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "neuralbox.settings.local")

# When the broker goes away, kombu 5.7 tries to put unacknowledged messages back through the closed connection, and the
# worker dies of it. Nothing needs to be put back: lost messages are found again in the table of jobs.
Channel.do_restore = False

app = Celery("neuralbox")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
