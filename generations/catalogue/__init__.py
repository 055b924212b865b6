"""The catalogue itself: its files, their language of forms and prices, and the checks that hold them together."""
