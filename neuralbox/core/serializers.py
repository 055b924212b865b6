"""Serializers that refuse what they do not know, instead of dropping it."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers


class StrictSerializer(serializers.Serializer[Any]):
    """Input whose unknown fields are errors, each with the names that are known."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (unknown := set(data) - set(self.fields)):
            known = ", ".join(self.fields)
            detail = _("This field is not known here. Known fields: %(known)s.") % {"known": known}
            raise serializers.ValidationError(
                {name: [detail] for name in sorted(map(str, unknown))}, code="unknown_field"
            )
        return super().to_internal_value(data)
