"""What goes in and out of the API of generations, for validation and for the OpenAPI document."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from generations.models import Generation
from generations.models.assets import FileKind
from generations.models.catalogue import Modality
from generations.services import archives
from neuralbox.core.serializers import SeveralChoices, StrictSerializer

MAX_METADATA_ENTRIES = 16


class WebhookAddress(serializers.URLField):
    """An address that we can call: https, and in local mode http too."""

    default_error_messages = {"scheme": _("Only https addresses can be called.")}

    def run_validators(self, value: Any) -> None:
        super().run_validators(value)
        if urlsplit(value).scheme not in (("http", "https") if settings.LOCAL_MODE else ("https",)):
            self.fail("scheme")


class Text(serializers.CharField):
    """A text and nothing else: a number is refused, because it would come back as a text."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class NewGeneration(StrictSerializer):
    """Either `quote`, or `model` with `input`."""

    quote = serializers.UUIDField(required=False, help_text="An open quote of yours.")
    model = serializers.CharField(required=False, max_length=60, help_text="The slug of a model.")
    input = serializers.JSONField(required=False, help_text="As the model's `input_schema` says.")
    max_tokens = serializers.IntegerField(required=False, min_value=1, help_text="Refuse a higher price.")
    webhook_url = WebhookAddress(required=False, max_length=500, help_text="Called once when it has ended.")
    metadata = serializers.DictField(
        required=False,
        child=Text(max_length=500, allow_blank=True, trim_whitespace=False),
        help_text="Up to 16 texts of yours, returned unchanged.",
    )

    def validate_metadata(self, value: dict[str, str]) -> dict[str, str]:
        if len(value) > MAX_METADATA_ENTRIES or any(len(name) > 100 for name in value):
            raise serializers.ValidationError(_("At most 16 entries with names of up to 100 characters."))
        return value

    def validate(self, attrs: dict[str, object]) -> dict[str, object]:
        if "quote" in attrs and attrs.keys() & {"model", "input", "max_tokens"}:
            raise serializers.ValidationError({"quote": _("Give a quote, or a model with its input, not both.")})
        if "quote" not in attrs:
            missing = [name for name in ("model", "input") if name not in attrs]
            if missing:
                raise serializers.ValidationError(
                    {name: _("Give a quote, or a model with its input.") for name in missing}
                )
        return attrs


class Ids(StrictSerializer):
    ids = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=200)
    hidden = serializers.BooleanField(required=False, default=True, help_text="False shows them again.")


class HistoryQuery(StrictSerializer):
    """The filters of the history. `status` and `modality` may name several values, separated by commas."""

    status = SeveralChoices(required=False, choices=Generation.Status.values)
    modality = SeveralChoices(required=False, choices=Modality.values)
    model = serializers.CharField(required=False, max_length=60)
    provider = serializers.CharField(required=False, max_length=20)
    source = serializers.ChoiceField(required=False, choices=Generation.Source.choices)  # type: ignore[assignment]
    hidden = serializers.ChoiceField(required=False, choices=["true", "false", "all"], default="false")
    created_after = serializers.DateTimeField(required=False)
    created_before = serializers.DateTimeField(required=False)
    q = serializers.CharField(required=False, max_length=200, help_text="A part of the prompt.")
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=100, default=20)
    cursor = serializers.CharField(required=False, max_length=300)


class TokensOutput(serializers.Serializer[Any]):
    quoted = serializers.IntegerField()
    held = serializers.IntegerField()
    captured = serializers.IntegerField()
    released = serializers.IntegerField()


class AssetOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=FileKind.choices)
    mime = serializers.CharField()
    bytes = serializers.IntegerField()
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    seconds = serializers.FloatField(allow_null=True)
    url = serializers.CharField(help_text="A signed link that works for up to 15 minutes.")
    download_url = serializers.CharField(help_text="The same, saved as a file by browsers.")
    thumbnail_url = serializers.CharField(allow_null=True, help_text="A small picture derived from the original.")
    sha256 = serializers.CharField()
    is_late = serializers.BooleanField(help_text="Arrived after the deadline, and cost nothing.")
    expires_at = serializers.DateTimeField(allow_null=True)


class GenerationErrorOutput(serializers.Serializer[Any]):
    code = serializers.CharField()
    title = serializers.CharField()
    detail = serializers.CharField()
    retryable = serializers.BooleanField()
    charged = serializers.BooleanField()


class GenerationOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    model = serializers.CharField()
    modality = serializers.ChoiceField(choices=Modality.choices)
    status = serializers.ChoiceField(choices=Generation.Status.choices)
    progress = serializers.FloatField(min_value=0, max_value=1)
    stage = serializers.CharField(allow_blank=True)
    input = serializers.DictField()
    tokens = TokensOutput()
    assets = AssetOutput(many=True)
    error = GenerationErrorOutput(allow_null=True)
    provider = serializers.CharField(allow_null=True)
    source = serializers.ChoiceField(choices=Generation.Source.choices)  # type: ignore[assignment]
    hidden = serializers.BooleanField()
    metadata = serializers.DictField(child=serializers.CharField(allow_blank=True))
    retry_of = serializers.UUIDField(allow_null=True)
    deadline = serializers.DateTimeField()
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    queue_position = serializers.IntegerField(allow_null=True)
    estimated_finish_at = serializers.DateTimeField(allow_null=True)


class GenerationPageOutput(serializers.Serializer[Any]):
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = GenerationOutput(many=True)


class Several(StrictSerializer):
    ids = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=200)


class Wanted(StrictSerializer):
    ids = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=archives.MOST)


class DownloadOutput(serializers.Serializer[Any]):
    url = serializers.CharField(help_text="A signed link to one ZIP; begin within 15 minutes.")
    files = serializers.IntegerField(help_text="Results in it, beside `list.json`, which says what each was made from.")
    bytes = serializers.IntegerField()
    expires_at = serializers.DateTimeField()


class DeletedOutput(serializers.Serializer[Any]):
    deleted = serializers.IntegerField()
    active = serializers.IntegerField(help_text="Left alone, because they are still being made: cancel them first.")


class CountOutput(serializers.Serializer[Any]):
    count = serializers.IntegerField()


class StoryStep(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    kind = serializers.ChoiceField(choices=["status", "sent"])
    what = serializers.CharField()
    provider = serializers.CharField(allow_null=True)


class StoryOutput(serializers.Serializer[Any]):
    steps = StoryStep(many=True)
