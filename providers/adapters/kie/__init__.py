"""Kie.ai: its unified jobs, the older families that it still serves, and its Suno."""
