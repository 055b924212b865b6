"""What can be ordered at sunoapi.org."""

from collections.abc import Mapping
from types import MappingProxyType

from providers.adapters.suno_wire.orders import ORDERS, Order
from providers.base import ModelFacts

MODELS: Mapping[str, Order] = ORDERS
FACTS: Mapping[str, ModelFacts] = MappingProxyType({name: order.facts for name, order in MODELS.items()})
