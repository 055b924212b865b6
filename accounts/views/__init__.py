"""Pages and doors of signing in that are no part of the API."""
