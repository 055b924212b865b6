"""The Celery application. What runs periodically stands in `CELERY_BEAT_SCHEDULE` of the settings."""

import os

from celery import Celery
from kombu.transport.redis import Channel, QoS

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "neuralbox.settings.local")


class _Acknowledgements(QoS):
    """Acknowledges only where somebody listens.

    A task that ends while the broker is away is acknowledged through the channel it came by, which kombu 5.7 has closed
    by then; the worker would die of it. The broker forgets the message by itself or delivers it again, and then the
    job's row says that the work is done.
    """

    def ack(self, delivery_tag: str) -> None:
        if not self.channel.closed:
            super().ack(delivery_tag)


# Unacknowledged messages are not put back either, for kombu tries that, too, through the closed connection. Nothing
# needs to be put back: lost messages are found again in the table of jobs.
Channel.do_restore = False
Channel.QoS = _Acknowledgements

app = Celery("neuralbox")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
