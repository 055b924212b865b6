"""The catalogue as data: the files, the language they are written in, and their schemas for readers."""
