"""People change what we call them, and their preferences."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.notice_settings import GROUPS
from neuralbox.core.errors import FieldError, InvalidInput

CHANGEABLE = ("name", "language", "theme")


@transaction.atomic
def change(*, user: User, changes: Mapping[str, Any]) -> User:
    """Change any of name, language, theme and notice settings (by group; absent groups stay). Raises InvalidInput."""
    fresh = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    wanted = dict(changes.get("notice_settings", {}))
    if unknown := [group for group in wanted if group not in GROUPS]:
        raise InvalidInput(
            errors=[
                FieldError(
                    f"/notice_settings/{group}", _("There is no such group."), code="unknown", allowed=list(GROUPS)
                )
                for group in unknown
            ]
        )
    for field in CHANGEABLE:
        if field in changes:
            setattr(fresh, field, changes[field])
    fresh.notice_settings = {**fresh.notice_settings, **wanted}
    fresh.save(update_fields=[*CHANGEABLE, "notice_settings"])
    return fresh
