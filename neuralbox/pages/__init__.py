"""The website: server-rendered pages that read the catalogue, and shells whose personal parts the browser fetches.

Knows no personal data: what belongs to a person comes through the API, with the access token of that person.
"""
