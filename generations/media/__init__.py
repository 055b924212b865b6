"""Media files: what they really are, how they look in a list, and what they must not tell.

Works on files on the local disk, knows no table, no user and no storage. Names and headers are never believed:
the first bytes choose one decoder, and decoding is the proof.
"""
