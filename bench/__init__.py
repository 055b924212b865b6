"""Benchmarks: ratios within one run, printed as a table and saved as JSON. Run by `make bench`."""
