"""Our side of sunoapi.org's wire."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from providers.adapters.enveloped import Envelope, EnvelopedAdapter, Order
from providers.adapters.suno import codes
from providers.adapters.suno.models import FACTS, MODELS
from providers.adapters.suno_wire import messages
from providers.base import ModelFacts, ProviderFacts, TaskReport
from providers.errors import ProviderError


class SunoAdapter(EnvelopedAdapter):
    """They sign nothing: the secret address of a task speaks for the sender, and the record is read back."""

    slug: ClassVar[str] = "suno"
    facts: ClassVar[ProviderFacts] = ProviderFacts(
        name="Suno",
        company="sunoapi.org",
        country="",
        privacy_policy="https://sunoapi.org/privacy-policy",
        results_kept=timedelta(days=15),
        requests=20,
        per_seconds=10,
    )
    settings_prefix: ClassVar[str] = "SUNO"
    orders: ClassVar[Mapping[str, Order]] = MODELS
    known_models: ClassVar[Mapping[str, ModelFacts]] = FACTS
    record_paths: ClassVar[Mapping[str, str]] = {
        family: path for family, path in messages.RECORD_PATHS.items() if family != "cover"
    }
    balance_path: ClassVar[str] = "generate/credit"

    def _refusal(self, order: Order, envelope: Envelope, retry_after: float | None) -> ProviderError:
        return codes.refusal(envelope.code, envelope.message or "", retry_after)

    def _trouble(self, envelope: Envelope, retry_after: float | None) -> ProviderError:
        return codes.trouble(envelope.code, envelope.message or "", retry_after)

    def _report(self, family: str, external_id: str, data: Mapping[str, Any]) -> TaskReport:
        return messages.Record.model_validate(data).as_report(self.facts.name, family, external_id)

    def _prove(self, headers: Mapping[str, str], task_id: str) -> None:
        """Nothing in the message can be checked."""
