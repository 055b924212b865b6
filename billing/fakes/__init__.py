"""Stand-ins for the payment systems: one loopback process with state, payment pages and real notifications.

They share no code with the gateways that they test, and need no Django.
"""

from billing.fakes.server import Fakes as Fakes
from billing.fakes.server import environment as environment
