"""Search in tables of a million rows: each term is looked up by an index, never compared with every row."""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import User
from generations.models import ProviderTask
from providers import registry

PEOPLE_AT_MOST = 50


def matching(queryset: QuerySet[Any], term: str, *, user: str, ids: tuple[str, ...]) -> QuerySet[Any]:
    """Rows whose `ids` or whose `user` is the term's id, or whose user has the term in the e-mail address."""
    term = term.strip()
    key = as_uuid(term)
    if key is not None:
        wanted = Q(**{user: key})
        for name in ids:
            wanted |= Q(**{name: key})
        return queryset.filter(wanted)
    people = User.objects.filter(email__icontains=term).values_list("pk", flat=True)[:PEOPLE_AT_MOST]
    return queryset.filter(**{f"{user}__in": list(people)})


def tasks_known_as(external_id: str) -> QuerySet[ProviderTask]:
    """The attempts that a provider knows under this id."""
    return ProviderTask.objects.filter(provider__in=list(registry.ADAPTERS), external_id=external_id.strip())


def as_uuid(term: str) -> UUID | None:
    try:
        return UUID(term.strip())
    except ValueError:
        return None
