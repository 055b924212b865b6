"""Which providers there are. A new one is a folder under `adapters` and a line here."""

from collections.abc import Mapping
from types import MappingProxyType

from providers.adapters.goapi.adapter import GoapiAdapter
from providers.adapters.heygen.adapter import HeygenAdapter
from providers.adapters.kie.adapter import KieAdapter
from providers.adapters.offline.adapter import OfflineAdapter
from providers.adapters.piapi.adapter import PiapiAdapter
from providers.adapters.suno.adapter import SunoAdapter
from providers.base import ProviderAdapter

ADAPTERS: Mapping[str, ProviderAdapter] = MappingProxyType(
    {
        KieAdapter.slug: KieAdapter(),
        PiapiAdapter.slug: PiapiAdapter(),
        GoapiAdapter.slug: GoapiAdapter(),
        SunoAdapter.slug: SunoAdapter(),
        HeygenAdapter.slug: HeygenAdapter(),
        OfflineAdapter.slug: OfflineAdapter(),
    }
)


def adapter(slug: str) -> ProviderAdapter:
    """The adapter of that name. Raises KeyError: the slugs of stored tasks are checked when routes are loaded."""
    return ADAPTERS[slug]


def configured() -> tuple[str, ...]:
    """The slugs of all providers that this installation can call now, in the order of the registry."""
    return tuple(slug for slug, one in ADAPTERS.items() if one.is_configured())
