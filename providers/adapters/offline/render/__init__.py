"""Makes the files. Plain functions from an order to files in a folder; imports neither Django nor the engine."""
