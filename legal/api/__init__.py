"""Doors of the API: exports, the deletion request, documents and consents, what is held about a person."""
