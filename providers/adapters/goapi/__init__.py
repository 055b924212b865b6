"""GoAPI: PiAPI's elder sister. The same task interface on its own host, and the older Midjourney one beside it."""
