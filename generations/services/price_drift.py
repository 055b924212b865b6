"""When a provider's charges leave the catalogue: the same price list, scaled, for a person to apply."""

import json
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from generations import selectors_providers
from generations.models import Model, ModelVersion, PriceProposal
from generations.services import catalogue_changes
from neuralbox.core.errors import Conflict


def scaled(rule: dict[str, Any], factor: Decimal) -> dict[str, Any]:
    """The price rule with every amount multiplied by `factor`. Its labels, minimum and rows stay."""
    return {**rule, "amount": _scaled(rule["amount"], factor)}


def _scaled(amount: dict[str, Any], factor: Decimal) -> dict[str, Any]:
    match amount["kind"]:
        case "sum":
            return {**amount, "parts": [_scaled(part, factor) for part in amount["parts"]]}
        case "labelled":
            return {**amount, "amount": _scaled(amount["amount"], factor)}
        case "fixed":
            return {**amount, "amount": str(Decimal(str(amount["amount"])) * factor)}
        case _:
            return {"kind": "product", "factors": [amount, {"kind": "fixed", "amount": str(factor)}]}


def apply(*, provider: str, route_id: UUID, reason: str, by: User) -> ModelVersion | PriceProposal:
    """Move a model's price as its provider's charges have moved: a new version, or a proposal when it is a large step.

    Raises Conflict when too little is known, InvalidInput without a reason or when nothing would change, and
    ProposalPending.
    """
    known = selectors_providers.drift_of(provider, str(route_id))
    if known is None:
        raise Conflict(_("Too few results with a known cost to compare."))
    offer, drift = known
    model = Model.objects.select_related("current_version").get(pk=offer.model_id)
    if model.current_version is None:
        raise Conflict(_("This model was never loaded from a file."))
    rule = scaled(model.current_version.price_rule, drift.factor)
    return catalogue_changes.change_price(model=model, rule_text=json.dumps(rule), reason=reason, by=by)
