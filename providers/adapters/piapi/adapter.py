"""PiAPI: the task interface, and its own place for uploads."""

import base64
from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar

from providers import calls
from providers.adapters.piapi import messages
from providers.adapters.piapi.models import FACTS, MODELS, Model
from providers.adapters.piapi.unified import UnifiedAdapter
from providers.base import ModelFacts, ProviderFacts, SubmittedFile
from providers.errors import ProviderUnavailable, TaskNotFound

# What their upload takes. Larger files go as our own link.
LARGEST_UPLOAD = 10 * 1024 * 1024


class PiapiAdapter(UnifiedAdapter):
    """Links to inputs have to last as long as a task may wait, so files go to their own store, for 24 hours."""

    slug: ClassVar[str] = "piapi"
    settings_prefix: ClassVar[str] = "PIAPI"
    facts: ClassVar[ProviderFacts] = ProviderFacts(
        name="PiAPI",
        company="PiAPI",
        country="",
        privacy_policy="https://piapi.ai/privacy-policy",
        # "A set period" that no page names: only the day that uploads live is counted on.
        results_kept=timedelta(hours=24),
        # No page names a limit of requests; that of tasks depends on the plan.
        requests=20,
        per_seconds=10,
    )
    orders: ClassVar[Mapping[str, Model]] = MODELS
    known_models: ClassVar[Mapping[str, ModelFacts]] = FACTS

    def is_configured(self) -> bool:
        return super().is_configured() and bool(self._setting("UPLOAD_BASE_URL"))

    def _link(self, file: SubmittedFile) -> str:
        if file.bytes > LARGEST_UPLOAD:
            return file.url
        with file.open() as stream:
            content = base64.b64encode(stream.read()).decode("ascii")
        answer = self._caller.ask(
            "POST",
            self._address("/api/ephemeral_resource", base="UPLOAD_BASE_URL"),
            json={"file_name": calls.random_name(file.mime), "file_data": content},
            timeout=calls.UPLOAD_TIMEOUT,
        )
        try:
            return self._read(answer, messages.UploadAnswer).data.url
        except TaskNotFound as error:
            raise ProviderUnavailable("the place for uploads is not where it was") from error
