"""What both ends of the offline wire agree on: the shared key and the signature of webhooks."""

import hashlib
import hmac
import time

from django.conf import settings

DELIVERY_HEADER = "Offline-Delivery"
TIMESTAMP_HEADER = "Offline-Timestamp"
SIGNATURE_HEADER = "Offline-Signature"
TOLERANCE_SECONDS = 300


def api_key() -> str:
    """`OFFLINE_API_KEY`, or a key that both processes derive from the secret of this installation."""
    configured = str(getattr(settings, "OFFLINE_API_KEY", ""))
    return configured or hashlib.sha256(b"offline-api-key:" + settings.SECRET_KEY.encode()).hexdigest()


def signature(key: str, *, delivery_id: str, timestamp: int, body: bytes) -> str:
    """HMAC-SHA256 over the delivery, the time and the raw body."""
    signed = f"{delivery_id}.{timestamp}.".encode() + body
    digest = hmac.new(b"webhook:" + key.encode(), signed, hashlib.sha256).hexdigest()
    return f"v1={digest}"


def is_fresh(timestamp: int) -> bool:
    return abs(time.time() - timestamp) <= TOLERANCE_SECONDS
