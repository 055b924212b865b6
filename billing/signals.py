"""What billing announces upward."""

from django.dispatch import Signal

# A balance changed by something else than a generation. Sent after commit. Arguments: owner_id: UUID.
balance_changed = Signal()
