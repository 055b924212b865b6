"""What accounts announce upward."""

from django.dispatch import Signal

# A person joined. Sent INSIDE the transaction that creates the user, so that what a receiver writes is there
# exactly when the user is. Arguments: user_id: UUID, gift: bool (whether welcome tokens are due).
user_joined = Signal()

# How many notices of a person are unread has changed. Sent inside the transaction. Arguments: user_id: UUID.
notices_changed = Signal()
