"""Suno, as sunoapi.org sells it."""
