"""Pictures from words: a small generative painter. The same words, seed and size give the same picture."""
