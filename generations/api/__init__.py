"""Doors of the REST API to catalogue, quotes, generations, files and event streams."""
