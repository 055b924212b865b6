"""Adapters to AI services, and the offline engine. Knows no user and no price."""
