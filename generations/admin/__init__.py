"""The back office's view of catalogue and generations."""

from generations.admin import catalogue

__all__ = ["catalogue"]
