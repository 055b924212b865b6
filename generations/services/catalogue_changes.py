"""What staff change in the catalogue: prices, routes, and whether a model can be ordered. Each with a reason, audited.

Prices are never edited: a change is a new version. One that moves any price by more than 30 % needs a second person.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import ValidationError

from accounts.models import User
from generations.catalogue import files, input_schemas, price_coverage
from generations.catalogue.price_rules import Facts, PriceRule
from generations.errors import ProposalOutdated, ProposalPending, SecondPersonNeeded
from generations.models import Model, ModelVersion, PriceProposal, Route
from generations.services import catalogue
from neuralbox.core import audit, states
from neuralbox.core.errors import FieldError, InvalidInput

ALONE_UP_TO_PERCENT = 30


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A line of the price list before and after, in tokens."""

    label: Mapping[str, str]
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What a new rule would do. `largest_change` is in per cent, over everything that the form allows."""

    rows: tuple[PreviewRow, ...]
    largest_change: int

    @property
    def needs_second_person(self) -> bool:
        return self.largest_change > ALONE_UP_TO_PERCENT


@dataclass(frozen=True, slots=True)
class RouteChange:
    """How a route shall be from now on."""

    route_id: UUID
    is_enabled: bool
    priority: int


def price_list(version: ModelVersion) -> list[int]:
    """What the rows of the version's price list cost, in tokens."""
    rule = PriceRule.model_validate(version.price_rule)
    return [rule.tokens(_facts(version, row)) for row in rule.rows]


def parsed_rule(text: str, version: ModelVersion) -> PriceRule:
    """The rule that staff wrote, proven to price all that the version's form allows.

    Raises InvalidInput with a pointer below `/price_rule`.
    """
    try:
        rule = PriceRule.model_validate(json.loads(text)).without_promises()
        price_coverage.check(version.input_schema, rule)
        for row in rule.rows:
            rule.tokens(_facts(version, row))
    except ValidationError as error:
        raise InvalidInput(
            errors=[
                FieldError(
                    "/price_rule" + "".join(f"/{input_schemas.escaped(part)}" for part in one["loc"]), one["msg"]
                )
                for one in error.errors()[:5]
            ]
        ) from error
    except (ValueError, RecursionError) as error:
        raise InvalidInput(errors=[FieldError("/price_rule", str(error))]) from error
    return rule


def preview(version: ModelVersion, rule: PriceRule) -> Preview:
    """The price list under the version's rule and under the new one."""
    present = PriceRule.model_validate(version.price_rule)
    rows = tuple(
        PreviewRow(row.label.model_dump(), present.tokens(_facts(version, row)), rule.tokens(_facts(version, row)))
        for row in rule.rows
    )
    fields = present.fields() | rule.fields()
    changes = [
        _percent(present.tokens(facts), rule.tokens(facts))
        for facts in price_coverage.combinations(version.input_schema, fields)
    ]
    return Preview(rows, max(changes, default=0))


def _percent(before: int, after: int) -> int:
    return int((Decimal(abs(after - before) * 100) / before).to_integral_value(rounding=ROUND_UP))


def _facts(version: ModelVersion, row: Any) -> Facts:
    return files.listed_facts(version.input_schema, row)


@transaction.atomic
def change_price(*, model: Model, rule_text: str, reason: str, by: User) -> ModelVersion | PriceProposal:
    """Give the model a new price: a new version, or a proposal when a second person is needed.

    Open quotes keep what they promised. Raises InvalidInput, ProposalPending.
    """
    reason = audit.checked_reason(reason)
    locked = _lock(model.pk)
    version = _current(locked)
    rule = parsed_rule(rule_text, version)
    if rule == PriceRule.model_validate(version.price_rule):
        raise InvalidInput(errors=[FieldError("/price_rule", _("This is the present price."), "unchanged")])
    if locked.price_proposals.filter(status=PriceProposal.Status.OPEN).exists():
        raise ProposalPending
    consequences = preview(version, rule)
    if not consequences.needs_second_person:
        return _new_version(locked, version, rule, reason=reason, by=by, approved_by=None)
    proposal = PriceProposal.objects.create(
        model=locked,
        based_on=version,
        price_rule=rule.model_dump(mode="json"),
        largest_change=consequences.largest_change,
        reason=reason,
        proposed_by=by,
    )
    audit.record(
        proposal,
        by=by,
        event="price_proposed",
        reason=reason,
        changes={"largest_change": ("", f"{consequences.largest_change} %")},
    )
    return proposal


@transaction.atomic
def approve(*, proposal: PriceProposal, reason: str, by: User) -> ModelVersion:
    """Make the proposed price the model's. Raises SecondPersonNeeded, ProposalOutdated, InvalidInput."""
    reason = audit.checked_reason(reason)
    if by.pk == proposal.proposed_by_id:
        raise SecondPersonNeeded
    locked = _lock(proposal.model_id)
    version = _current(locked)
    if version.pk != proposal.based_on_id or not _decide(proposal, PriceProposal.Status.APPROVED, reason, by):
        raise ProposalOutdated
    audit.record(proposal, by=by, event="price_approved", reason=reason, changes={"status": ("open", "approved")})
    rule = PriceRule.model_validate(proposal.price_rule)
    return _new_version(locked, version, rule, reason=proposal.reason, by=proposal.proposed_by, approved_by=by)


@transaction.atomic
def reject(*, proposal: PriceProposal, reason: str, by: User) -> None:
    """Leave the price as it is. Whoever proposed it may withdraw it so. Raises ProposalOutdated, InvalidInput."""
    reason = audit.checked_reason(reason)
    withdrawn = by.pk == proposal.proposed_by_id
    if not _decide(proposal, PriceProposal.Status.REJECTED, reason, None if withdrawn else by):
        raise ProposalOutdated
    event = "price_withdrawn" if withdrawn else "price_rejected"
    audit.record(proposal, by=by, event=event, reason=reason, changes={"status": ("open", "rejected")})


@transaction.atomic
def set_enabled(*, model: Model, is_enabled: bool, reason: str, by: User) -> bool:
    """Let the model be ordered, or not. What was ordered goes on. False: it was so already. Raises InvalidInput."""
    reason = audit.checked_reason(reason)
    locked = _lock(model.pk)
    if locked.is_enabled == is_enabled:
        return False
    locked.is_enabled = is_enabled
    locked.save(update_fields=["is_enabled"])
    event = "model_switched_on" if is_enabled else "model_switched_off"
    audit.record(locked, by=by, event=event, reason=reason, changes={"is_enabled": (not is_enabled, is_enabled)})
    catalogue.changed()
    return True


@transaction.atomic
def change_routes(*, model: Model, changes: list[RouteChange], reason: str, by: User) -> int:
    """Switch routes of the model on or off and order them. Returns how many changed. Raises InvalidInput."""
    reason = audit.checked_reason(reason)
    wanted = {change.route_id: change for change in changes}
    changed = 0
    for route in Route.objects.select_for_update().filter(model=model, pk__in=wanted):
        change = wanted[route.pk]
        before, after = (route.is_enabled, route.priority), (change.is_enabled, change.priority)
        if before == after:
            continue
        route.is_enabled, route.priority = after
        route.save(update_fields=["is_enabled", "priority"])
        names = ("is_enabled", "priority")
        differences = {name: (old, new) for name, old, new in zip(names, before, after, strict=True) if old != new}
        audit.record(route, by=by, event="route_changed", reason=reason, changes=differences)
        changed += 1
    if changed:
        catalogue.changed()
    return changed


def _lock(model_id: UUID) -> Model:
    return Model.objects.select_for_update(of=("self",)).select_related("current_version").get(pk=model_id)


def _current(model: Model) -> ModelVersion:
    version = model.current_version
    if version is None:
        raise InvalidInput(errors=[FieldError("/model", _("This model was never loaded from a file."))])
    return version


def _decide(proposal: PriceProposal, status: str, reason: str, by: User | None) -> bool:
    return states.move(proposal, status, decided_by=by, decided_at=timezone.now(), decision_reason=reason)


def _new_version(
    model: Model, old: ModelVersion, rule: PriceRule, *, reason: str, by: User, approved_by: User | None
) -> ModelVersion:
    last: int = model.versions.aggregate(last=models.Max("number"))["last"]
    version = ModelVersion.objects.create(
        model=model,
        number=last + 1,
        input_schema=old.input_schema,
        price_rule=rule.model_dump(mode="json"),
        results=old.results,
        examples=old.examples,
        typical_seconds=old.typical_seconds,
        deadline_seconds=old.deadline_seconds,
        author=ModelVersion.Author.STAFF,
        reason=reason,
        created_by=by,
    )
    model.current_version = version
    model.save(update_fields=["current_version"])
    before, after = (json.dumps(one, ensure_ascii=False) for one in (old.price_rule, version.price_rule))
    audit.record(
        model,
        by=approved_by or by,
        event="price_changed",
        reason=reason,
        changes={"price_rule": (before, after)},
        version=version.number,
        approved_by=str(approved_by.pk) if approved_by else "",
    )
    catalogue.changed()
    return version
