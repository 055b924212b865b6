"""Short pieces of music from words: composed by rules, played by simple synthesis. The same seed, the same piece."""
