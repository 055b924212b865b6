"""The first page of the back office: how the last 24 hours went."""

import json
from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from generations import selectors_back_office as reads
from generations.admin import shown
from generations.models import Generation
from providers import registry, selectors

MAY_SEE = "generations.view_generation"

# Of each bar from below: what went well, what did not, what its owner stopped, what still goes on.
_LAYERS = (
    ("succeeded", "var(--color-primary-600)"),
    ("failed", "var(--color-red-500)"),
    ("cancelled", "oklch(78% .15 75)"),
    ("active", "var(--color-base-400)"),
)


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Unfold asks for what the page shows. Who may not see generations sees no figures of them either."""
    if request.user.has_perm(MAY_SEE):
        figures = reads.figures()
        context |= {
            "figures": figures,
            "title": _("Overview"),
            "chart": _chart(figures),
            "legend": [(title, colour) for title, (_layer, colour) in zip(_titles(), _LAYERS, strict=True)],
            "cards": _cards(request, figures),
            "models": [_model(model) for model in figures.models],
            "providers_out": _providers_out(request),
        }
    return context


def _providers_out(request: HttpRequest) -> list[dict[str, Any]]:
    """Who gets no work now, and why, for those who may look closer."""
    if not request.user.has_perm("providers.view_providerhealth"):
        return []
    rows = selectors.health()
    return [
        {
            "name": slug,
            "why": row.switch_reason if row.is_switched_off else row.get_reason_display(),
            "detail": "" if row.is_switched_off else row.detail,
            "since": row.since,
            "href": reverse("admin:providers_providerhealth_change", args=[row.pk]),
        }
        for slug in registry.configured()
        if (row := rows[slug]).is_out or row.is_resting
    ]


def _model(model: reads.ModelFigures) -> dict[str, Any]:
    waits = [
        "—" if wait is None else shown.duration(timedelta(seconds=float(wait)))
        for wait in (model.typical_wait, model.long_wait)
    ]
    success = "—" if model.success is None else f"{model.success} %"
    return {"slug": model.slug, "ordered": model.ordered, "success": success, "typical": waits[0], "long": waits[1]}


def _titles() -> list[str]:
    """Of the layers of a bar."""
    titles = {str(value): str(label) for value, label in Generation.Status.choices}
    return [titles.get(layer) or _("in work") for layer, _colour in _LAYERS]


def _chart(figures: reads.Figures) -> str:
    datasets = [
        {
            "label": title,
            "backgroundColor": colour,
            "data": [_count(counts, layer) for _hour, counts in figures.hourly],
            "stack": "all",
            "displayYAxis": True,
            "maxTicksXLimit": 12,
        }
        for title, (layer, colour) in zip(_titles(), _LAYERS, strict=True)
    ]
    labels = [timezone.localtime(hour).strftime("%H:00") for hour, _counts in figures.hourly]
    return json.dumps({"labels": labels, "datasets": datasets})


def _count(counts: Any, layer: str) -> int:
    names = Generation.ACTIVE if layer == "active" else (layer,)
    return sum(counts.get(name, 0) for name in names)


def _cards(request: HttpRequest, figures: reads.Figures) -> list[dict[str, Any]]:
    counts = figures.by_status
    active = sum(counts.get(status, 0) for status in Generation.ACTIVE)
    generations = reverse("admin:generations_generation_changelist")
    cards: list[dict[str, Any]] = [
        {
            "title": _("Generations"),
            "value": figures.ordered,
            "note": _("%(succeeded)d succeeded, %(failed)d failed, %(cancelled)d cancelled, %(active)d in work")
            % {**{name: counts.get(name, 0) for name in ("succeeded", "failed", "cancelled")}, "active": active},
            "href": generations,
        },
        {
            "title": _("Success"),
            "value": "—" if figures.success is None else f"{figures.success} %",
            "note": _("of what succeeded or failed"),
            "href": f"{generations}?status__exact=failed",
        },
        {
            "title": _("Tokens captured"),
            "value": figures.tokens_captured,
            "note": _("for these generations"),
            "href": "",
        },
    ]
    if request.user.has_perm("core.view_job"):
        cards.append(
            {
                "title": _("Jobs that gave up"),
                "value": figures.jobs_gave_up,
                "note": _("%(count)d wait or are in work") % {"count": figures.jobs_open},
                "href": f"{reverse('admin:core_job_changelist')}?gave_up=yes",
                "is_bad": figures.jobs_gave_up > 0,
            }
        )
    return cards
