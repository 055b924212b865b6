"""The roles of staff. What a role may do is decided here and reviewed as code; who has it, in the back office."""

from collections.abc import Mapping

from django.contrib.auth.models import Group, Permission
from django.db import transaction

# Apps whose tables an auditor looks through.
LOOKED_THROUGH = (
    "accounts",
    "auditlog",
    "auth",
    "billing",
    "core",
    "generations",
    "legal",
    "mfa",
    "providers",
    "usersessions",
)

_PEOPLE = ("accounts.view_user", "accounts.view_notice", "accounts.view_apikey", "accounts.view_apikeysecret")
_SAFETY = ("accounts.view_securityevent", "usersessions.view_usersession", "socialaccount.view_socialaccount")
_GENERATIONS = tuple(
    f"generations.view_{model}"
    for model in ("generation", "providertask", "asset", "event", "outgoingwebhook", "upload", "contentaccess")
)
_CATALOGUE = tuple(f"generations.view_{model}" for model in ("model", "modelversion", "route", "priceproposal"))
_PAYMENTS = tuple(
    f"billing.view_{model}"
    for model in (
        "payment", "paymentevent", "paymentnotification", "receipt", "refund", "dispute", "reviewcase",
        "reconciliationrun", "reconciliationdifference", "package", "packageversion", "tokenrate", "promocode",
        "voucherbatch",
    )
)  # fmt: skip
_BOOKS = tuple(f"billing.view_{model}" for model in ("wallet", "journalentry", "hold", "spendcap", "correction"))

_PRIVACY = tuple(
    f"legal.view_{model}"
    for model in (
        "document", "documentversion", "consent", "export", "deletionrequest", "legalhold", "privacyrequest",
        "disclosure", "retentionrule", "retentionrun", "retentionresult", "retentionwarning",
    )
)  # fmt: skip

ROLES: Mapping[str, tuple[str, ...]] = {
    "support": (
        *_PEOPLE,
        *_SAFETY,
        *_GENERATIONS,
        *_CATALOGUE,
        *_BOOKS,
        *_PAYMENTS,
        "billing.manage_payments",
        "accounts.change_user",
        "accounts.view_supportmessage",
        "accounts.change_supportmessage",
        "accounts.view_staffview",
        "accounts.add_staffview",
        "legal.view_consent",
        "legal.view_deletionrequest",
        "legal.view_privacyrequest",
        "generations.change_generation",
        "generations.view_content",
        "core.view_job",
        "core.change_job",
        "providers.view_providerhealth",
        "auditlog.view_logentry",
    ),
    "finance": (
        *_BOOKS,
        *_PAYMENTS,
        "billing.manage_payments",
        "billing.approve_refund",
        "billing.see_revenue",
        "billing.set_prices",
        *_CATALOGUE,
        "accounts.view_user",
        "generations.view_generation",
        "generations.view_providertask",
        "providers.view_providerhealth",
        "billing.correct_balance",
        "billing.approve_correction",
        "auditlog.view_logentry",
    ),
    "privacy": (
        *_PEOPLE,
        *_SAFETY,
        *_GENERATIONS,
        *_PRIVACY,
        "legal.change_documentversion",
        "legal.delete_documentversion",
        "legal.publish_documentversion",
        "legal.add_deletionrequest",
        "legal.change_deletionrequest",
        "legal.add_legalhold",
        "legal.change_legalhold",
        "legal.add_privacyrequest",
        "legal.change_privacyrequest",
        "legal.add_disclosure",
        "legal.decide_disclosure",
        "legal.change_retentionrule",
        "generations.view_content",
        "auditlog.view_logentry",
    ),
    "catalogue": (
        *_CATALOGUE,
        "generations.change_model",
        "generations.view_providertask",
        "providers.view_providerhealth",
        "providers.change_providerhealth",
    ),
}
AUDITOR = "auditor"


@transaction.atomic
def create() -> None:
    """Make every role what it is here. Who has which is left alone. Raises Permission.DoesNotExist for a wrong name."""
    for name, wanted in ROLES.items():
        Group.objects.get_or_create(name=name)[0].permissions.set(_permission(one) for one in wanted)
    Group.objects.get_or_create(name=AUDITOR)[0].permissions.set(_all_to_look_at())


def _permission(name: str) -> Permission:
    app, codename = name.split(".")
    return Permission.objects.get(content_type__app_label=app, codename=codename)


def _all_to_look_at() -> list[Permission]:
    """The right to see each table. Not the right to open content: that leaves a trace, so it is an act."""
    found = Permission.objects.filter(content_type__app_label__in=LOOKED_THROUGH).select_related("content_type")
    return [one for one in found if one.codename == f"view_{one.content_type.model}"]
