"""Stand-ins for the AI providers: real HTTP servers on loopback that speak their wire formats, with state and faults.

They are used by the tests and by a site that runs without keys. Nothing in production imports them.
"""
