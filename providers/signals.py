"""What providers announce to the apps above."""

from django.dispatch import Signal

# A provider gets work again, or gets none any more. Sent after commit. Arguments: provider: str, is_usable: bool.
usability_changed = Signal()
