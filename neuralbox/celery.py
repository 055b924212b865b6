"""The Celery application. What runs periodically stands in `CELERY_BEAT_SCHEDULE` of the settings."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "neuralbox.settings.local")

app = Celery("neuralbox")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
