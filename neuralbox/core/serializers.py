"""Serializers that refuse what they do not know, instead of dropping it."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers

from neuralbox.core.errors import InvalidInput
from neuralbox.core.problems import field_errors


class StrictSerializer(serializers.Serializer[Any]):
    """Input whose unknown fields are errors, each with the names that are known.

    `is_valid(raise_exception=True)` raises InvalidInput, which lists the allowed values of a wrong choice.
    """

    def is_valid(self, *, raise_exception: bool = False) -> bool:
        is_valid: bool = super().is_valid()
        if raise_exception and not is_valid:
            raise InvalidInput(errors=field_errors(self.errors, field=self))
        return is_valid

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (unknown := set(data) - set(self.fields)):
            known = ", ".join(self.fields)
            detail = _("This field is not known here. Known fields: %(known)s.") % {"known": known}
            raise serializers.ValidationError(
                {name: [detail] for name in sorted(map(str, unknown))}, code="unknown_field"
            )
        return super().to_internal_value(data)


class SeveralChoices(serializers.CharField):
    """A query parameter that may name several values, separated by commas; gives their list."""

    default_error_messages = {
        "invalid_choice": gettext_lazy("Unknown: %(unknown)s. Allowed: %(allowed)s."),
    }

    def __init__(self, *, choices: list[str], **options: Any) -> None:
        super().__init__(**options)
        self.choices = choices

    def to_internal_value(self, data: Any) -> Any:
        wanted = [part for part in super().to_internal_value(data).split(",") if part]
        if unknown := [part for part in wanted if part not in self.choices]:
            shown = {"unknown": ", ".join(unknown), "allowed": ", ".join(self.choices)}
            raise serializers.ValidationError(self.error_messages["invalid_choice"] % shown, "invalid_choice")
        return wanted
