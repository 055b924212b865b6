"""The offline engine: what stands in for an AI service on this machine, in a process of its own.

It knows nothing of the site: it is ordered from, asked and downloaded from over HTTP, and calls webhooks back.
"""
