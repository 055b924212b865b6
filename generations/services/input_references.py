"""What an input names besides files: earlier results of the user, and choices that a provider lists."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from generations.catalogue.input_schemas import Schema, is_result
from generations.catalogue.offers import Offer, OfferedRoute
from generations.models import Asset, Generation
from generations.services import catalogue, catalogue_choices
from neuralbox.core.errors import FieldError, InvalidInput

ROOT = "/input"


def check(offer: Offer, full: Mapping[str, Any], *, user_id: UUID) -> None:
    """One query for each earlier result that is named, none otherwise. Raises InvalidInput, ChoicesUnavailable."""
    errors = [*_wrong_choices(offer, full), *_wrong_results(offer, full, user_id)]
    if errors:
        raise InvalidInput(errors=errors)


def check_providers(offer: Offer, full: Mapping[str, Any]) -> None:
    """That some provider of this installation offers all that is asked for. Raises InvalidInput."""
    usable = catalogue.providers_of(offer)
    routes = [route for route in offer.routes if route.provider in usable]
    if any(route.takes(full) for route in routes):
        return
    nearest = min((route.refused_fields(full) for route in routes), key=len, default=())
    detail = _("The providers that are connected here do not offer this value together with the others.")
    errors = [
        FieldError(f"{ROOT}/{name}", detail, "not_offered_here", allowed=_values_of(routes, name)) for name in nearest
    ]
    raise InvalidInput(errors=errors or [FieldError(ROOT, detail, "not_offered_here")])


def _values_of(routes: Sequence[OfferedRoute], name: str) -> list[Any] | None:
    """The values of the field that some route takes; None where that is no list."""
    changes = [route.input_limits.get("properties", {}).get(name, {}) for route in routes]
    listed = [change["enum"] for change in changes if change is not False and "enum" in change]
    return list(dict.fromkeys(value for values in listed for value in values)) or None


def _wrong_choices(offer: Offer, full: Mapping[str, Any]) -> Iterator[FieldError]:
    for name, field in offer.schema["properties"].items():
        if "x-choices" not in field or name not in full:
            continue
        known = {choice.value for choice in catalogue_choices.of_field(offer, name)}
        if full[name] not in known:
            detail = _("The provider has no such value. It is in none of its lists, or not any more.")
            yield FieldError(f"{ROOT}/{name}", detail, "not_in_list")


def _wrong_results(offer: Offer, full: Mapping[str, Any], user_id: UUID) -> Iterator[FieldError]:
    for name, field in offer.schema["properties"].items():
        if not is_result(field) or name not in full:
            continue
        asset = _asset(full[name]["asset"], user_id)
        if asset is None:
            yield FieldError(f"{ROOT}/{name}", _("There is no such result of yours."), "result_not_found")
        elif error := _unfit(offer, field, asset.generation):
            yield FieldError(f"{ROOT}/{name}", error[1], error[0])


def _asset(asset_id: str, user_id: UUID) -> Asset | None:
    try:
        wanted = UUID(asset_id)
    except ValueError:
        return None
    found = Asset.objects.select_related("generation__model").filter(generation__user_id=user_id)
    return found.filter(pk=wanted).first()


def _unfit(offer: Offer, field: Schema, earlier: Generation) -> tuple[str, str] | None:
    """Why the order cannot go on from what that generation made: a code and words for the user."""
    if earlier.model.slug not in field["x-from"]:
        makers = ", ".join(field["x-from"])
        return "result_of_another_model", _("Choose a result of one of these models: %(models)s.") % {"models": makers}
    if earlier.provider not in catalogue.providers_of(offer):
        return "result_elsewhere", _("The provider that made this result cannot be asked to go on from it now.")
    for name, values in field.get("x-made-with", {}).items():
        if earlier.input.get(name) not in values:
            wanted = ", ".join(str(value) for value in values)
            return "result_made_otherwise", _("Choose a result that was ordered in %(wanted)s.") % {"wanted": wanted}
    days = field["x-within-days"]
    if timezone.now() - earlier.created_at > timedelta(days=days):
        return "result_too_old", _("Results can be gone on from for %(days)d days, and this one is older.") % {
            "days": days
        }
    return None
