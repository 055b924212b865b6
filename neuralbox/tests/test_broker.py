"""What the worker bears when its broker goes away."""

import secrets

from neuralbox.celery import app


def test_a_message_whose_channel_is_closed_is_acknowledged_without_harm():
    with app.connection_for_read() as connection:
        queue = connection.SimpleQueue(f"late-{secrets.token_hex(4)}")
        queue.put("work")
        message = queue.get(timeout=20)
        message.channel.close()
        message.ack()
        assert message.acknowledged
