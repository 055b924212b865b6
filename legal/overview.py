"""What a person sees in the privacy center: what is held, who received it, who looked, what will go."""

from typing import Any

from legal.services import deletions, retention
from neuralbox.core import personal_data, recipients

OPENINGS_SHOWN = 100


def of(user: Any) -> dict[str, Any]:
    """Counts and dates of everything that every app declares. Kinds of which there is nothing are left out."""
    titles = {one.name: one.title for one in recipients.everyone()}
    rules = personal_data.rules()
    return {
        "held": [held for holder in personal_data.holders() for held in _held(holder, user)],
        "received": [
            {
                "recipient": got.recipient,
                "title": titles.get(got.recipient, got.recipient),
                "what": str(got.what),
                "count": got.count,
                "last_at": got.last_at,
            }
            for holder in personal_data.holders()
            for got in holder.received(user)
        ],
        "opened": _opened(user),
        "coming_purges": [
            {
                "kind": warning.kind,
                "title": str(rules[warning.kind].title) if warning.kind in rules else warning.kind,
                "count": warning.count,
                "purge_at": warning.purge_at,
            }
            for warning in retention.coming_purges(user.pk)
        ],
        "deletion": deletions.of(user),
    }


def _opened(user: Any) -> list[dict[str, Any]]:
    """Newest first, over all apps."""
    found = [one for holder in personal_data.holders() for one in holder.opened(user)]
    found.sort(key=lambda one: one.at, reverse=True)
    return [
        {"at": one.at, "what": str(one.what), "why": one.why, "who": str(one.who), "id": one.id}
        for one in found[:OPENINGS_SHOWN]
    ]


def _held(holder: personal_data.Holder, user: Any) -> list[dict[str, Any]]:
    shown = []
    for section in holder.sections(user):
        if count := section.count():
            first, last = section.within()
            shown.append(
                {
                    "name": section.name,
                    "title": str(section.title),
                    "purpose": str(section.purpose),
                    "count": count,
                    "first_at": first,
                    "last_at": last,
                }
            )
    return shown
