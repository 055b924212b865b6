"""What can be ordered at Kie.ai, under its own names of models.

Sources: docs.kie.ai, the Market pages and the pages of the older families, as of 19 August 2026; names checked
against the Market index of 1 October 2026.
"""

from collections.abc import Mapping
from types import MappingProxyType

from providers.adapters.kie import images, older, sounds, videos
from providers.adapters.kie.orders import Order
from providers.adapters.suno_wire import orders as suno
from providers.base import ModelFacts

MODELS: Mapping[str, Order] = MappingProxyType({**images.MODELS, **videos.MODELS, **sounds.MODELS, **older.MODELS})
# Suno through Kie.ai, as `suno/<name at sunoapi.org>`, and the calls that only this twin has.
SUNO: Mapping[str, suno.Order] = MappingProxyType(
    {f"suno/{name}": order for name, order in {**suno.ORDERS, **suno.TWIN_ORDERS}.items()}
)
FACTS: Mapping[str, ModelFacts] = MappingProxyType(
    {name: order.facts for name, order in MODELS.items()} | {name: order.facts for name, order in SUNO.items()}
)
