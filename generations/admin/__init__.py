"""The back office's view of catalogue and generations."""
