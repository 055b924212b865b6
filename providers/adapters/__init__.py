"""One folder per AI service, each of which could be deleted whole."""
