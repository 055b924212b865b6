"""The back office's view of catalogue and generations."""

from generations.admin import catalogue, dashboard, generations, people, providers, records

__all__ = ["catalogue", "dashboard", "generations", "people", "providers", "records"]
