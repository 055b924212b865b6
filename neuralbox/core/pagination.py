"""Cursor pages."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

from neuralbox.core.errors import FieldError, InvalidInput


class CursorPages(CursorPagination):
    """`{"next", "previous", "results"}`, newest first, `?page_size=` from 1 to 100.

    Raises InvalidInput for another size, and for a cursor that is not one of ours or not of this list.
    """

    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100
    ordering: Any = ("-created_at", "-id")

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        first_column = self.get_ordering(request, queryset, view)[0].lstrip("-")
        self._position_field: models.Field[Any, Any] = queryset.model._meta.get_field(first_column)
        return super().paginate_queryset(queryset, request, view)

    def get_page_size(self, request: Request) -> int:
        sent = request.query_params.get(self.page_size_query_param)
        if sent is None:
            return self.page_size
        if not (sent.isascii() and sent.isdigit() and len(sent) < 9 and 1 <= int(sent) <= self.max_page_size):
            limits = {"minimum": 1, "maximum": self.max_page_size}
            detail = _("A whole number from 1 to %(maximum)d.") % limits
            raise InvalidInput(errors=[FieldError("/page_size", detail, "invalid", limits=limits)])
        return int(sent)

    def decode_cursor(self, request: Request) -> Any:
        try:
            cursor = super().decode_cursor(request)
        except NotFound:
            raise _not_a_cursor() from None
        if cursor is not None and cursor.position is not None and not self._is_position(str(cursor.position)):
            raise _not_a_cursor()
        return cursor

    def _is_position(self, position: str) -> bool:
        """A position is compared with a column: what is no value of it is refused before the database sees it."""
        try:
            value = self._position_field.clean(position, None)
        except ValidationError:
            return False
        return not isinstance(value, datetime) or timezone.is_aware(value)


def _not_a_cursor() -> InvalidInput:
    return InvalidInput(errors=[FieldError("/cursor", _("This is not a cursor of ours."))])
