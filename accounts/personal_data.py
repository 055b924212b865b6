"""What accounts hold about a person."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from auditlog.models import LogEntry
from django.contrib.admin.models import LogEntry as AdminLogEntry
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import profile, selectors
from accounts.models import (
    ApiCall,
    ApiKey,
    ApiKeyDay,
    EmailProof,
    Notice,
    SecurityEvent,
    StaffView,
    SupportMessage,
    User,
)
from accounts.services import avatars, sign_ins
from accounts.visitors import device_name
from neuralbox.core.personal_data import Counts, Holder, Opened, Record, Retention, Section, section_of
from neuralbox.core.storage import store

YEAR = timedelta(days=365)


class Accounts(Holder):
    """The person, their logins, devices, keys, notices and security log; and the rows of the libraries beneath."""

    name = "accounts"
    models: Iterable[str] = (
        "accounts.User",
        "accounts.ApiCall",
        "accounts.ApiKey",
        "accounts.ApiKeyDay",
        "accounts.ApiKeySecret",
        "accounts.EmailProof",
        "accounts.Notice",
        "accounts.SecurityEvent",
        "accounts.StaffView",
        "accounts.SupportMessage",
        "account.EmailAddress",
        "account.EmailConfirmation",
        "socialaccount.SocialAccount",
        "socialaccount.SocialToken",
        "usersessions.UserSession",
        "sessions.Session",
        "mfa.Authenticator",
        "admin.LogEntry",
        "auditlog.LogEntry",
    )
    kept: Mapping[str, str] = {
        "accounts.User": "is the account; after its deletion nameless, since books point at it",
        "accounts.ApiKey": "ends when its person deletes the account; they see there which keys there were",
        "accounts.ApiKeyDay": "numbers of calls per day, which the person sees beside the key; goes with it",
        "accounts.ApiKeySecret": "the digest of a key; goes with it",
        "accounts.EmailProof": "lives for hours: removed once used or expired",
        "account.EmailAddress": "is how the person signs in; goes with the account",
        "account.EmailConfirmation": "belongs to an address; goes with it",
        "socialaccount.SocialAccount": "is how the person signs in; goes when they remove it, or with the account",
        "socialaccount.SocialToken": "belongs to a login, and none is kept",
        "usersessions.UserSession": "is a signed-in device; removed with its sign-in",
        "sessions.Session": "is a sign-in; removed once it has ended or expired",
        "mfa.Authenticator": "is the person's second factor; goes when they remove it, or with the account",
        "admin.LogEntry": "proves what staff did; names nobody after an erasure",
        "auditlog.LogEntry": "proves what staff did; names nobody after an erasure",
    }
    folders: Iterable[str] = (avatars.FOLDER,)

    def sections(self, user: User) -> Iterator[Section]:
        """Everything but secrets, which we do not have."""
        yield Section(
            name="profile",
            title=_("Profile"),
            purpose=_("To know you again and to write to you"),
            count=lambda: 1,
            records=lambda: iter([_profile(user)]),
            within=lambda: (user.created_at, user.created_at),
        )
        yield Section(
            name="identities",
            title=_("Logins"),
            purpose=_("To let you in: all that a login provider told us"),
            count=lambda: len(selectors.identities(user)),
            records=lambda: (_plain(identity) for identity in selectors.identities(user)),
        )
        yield Section(
            name="sessions",
            title=_("Devices and sign-ins"),
            purpose=_("To show you where you are signed in"),
            count=lambda: len(selectors.devices(user, current=None)),
            records=lambda: (_plain(device) for device in selectors.devices(user, current=None)),
        )
        yield Section(
            name="api_keys",
            title=_("API keys, without secrets"),
            purpose=_("To let your programs in"),
            count=ApiKey.objects.filter(user=user).count,
            records=lambda: (_key(api_key) for api_key in selectors.api_keys(user)),
        )
        days = ApiKeyDay.objects.filter(api_key__user=user)
        yield Section(
            name="api_usage",
            title=_("Use of API keys, by day"),
            purpose=_("To show you what your programs do"),
            count=days.count,
            records=lambda: iter(days.order_by("day", "pk").values("api_key_id", "day", "calls", "errors")),
        )
        yield section_of(
            ApiCall.objects.filter(api_key__user=user),
            "api_key_id", "method", "route", "status", "milliseconds", "ip", "created_at",
            name="api_calls",
            title=_("Calls with API keys"),
            purpose=_("To find out what went wrong, and who used a key"),
        )  # fmt: skip
        yield section_of(
            Notice.objects.filter(user=user),
            "id", "kind", "details", "link", "created_at", "read_at",
            name="notices",
            title=_("Notices"),
            purpose=_("To tell you what matters for your account"),
        )  # fmt: skip
        yield section_of(
            SecurityEvent.objects.filter(user=user),
            "id", "kind", "ip", "user_agent", "details", "created_at",
            name="security_events",
            title=_("Security log"),
            purpose=_("To find out who used your account"),
            change=lambda row: row | {"device": device_name(row["user_agent"])},
        )  # fmt: skip
        yield section_of(
            SupportMessage.objects.filter(user=user),
            "id", "topic", "contact", "text", "status", "answer", "created_at", "answered_at",
            name="support_messages",
            title=_("Messages to support"),
            purpose=_("To answer you"),
        )  # fmt: skip

    def opened(self, user: User) -> Iterator[Opened]:
        for view in StaffView.objects.filter(user=user):
            yield Opened(
                at=view.created_at, what=_("your pages, read-only"), why=view.reason, who=_("Support"), id=str(view.pk)
            )

    def retention(self) -> Iterable[Retention]:
        return (
            Retention(
                kind="accounts.security_events",
                title=_("Security log: addresses, browsers, sign-ins"),
                effect=_("Entries are deleted."),
                ground=_("Security of accounts: 6 to 12 months are enough to look into an incident."),
                default=YEAR,
                shortest=timedelta(days=180),
                longest=YEAR,
                models=("accounts.SecurityEvent",),
                due=lambda before: SecurityEvent.objects.filter(created_at__lt=before),
                purge=_purge_security_events,
            ),
            Retention(
                kind="accounts.api_calls",
                title=_("Log of calls with API keys"),
                effect=_("Entries are deleted; the numbers per day stay."),
                ground=_("To look into failures and misuse: a month is enough."),
                default=timedelta(days=30),
                shortest=timedelta(days=7),
                longest=timedelta(days=90),
                models=("accounts.ApiCall",),
                due=lambda before: ApiCall.objects.filter(created_at__lt=before),
                purge=_purge_api_calls,
                owner="api_key__user_id",
            ),
            Retention(
                kind="accounts.notices",
                title=_("Notices"),
                effect=_("Notices are deleted, read or not."),
                ground=_("Convenience of the person; nothing else needs them."),
                default=YEAR,
                shortest=timedelta(days=30),
                longest=3 * YEAR,
                models=("accounts.Notice",),
                due=lambda before: Notice.objects.filter(created_at__lt=before),
                purge=_purge_notices,
            ),
            Retention(
                kind="accounts.support_messages",
                title=_("Messages to support"),
                effect=_("Answered messages are deleted with their answers."),
                ground=_("To look up what was said; complaints come within a year."),
                default=YEAR,
                shortest=timedelta(days=90),
                longest=3 * YEAR,
                models=("accounts.SupportMessage",),
                due=lambda before: SupportMessage.objects.exclude(status=SupportMessage.Status.OPEN).filter(
                    created_at__lt=before
                ),
                purge=_purge_support_messages,
            ),
            Retention(
                kind="accounts.staff_views",
                title=_("Access log: looks at accounts"),
                effect=_("Notes of who of the staff saw an account as its person does are deleted."),
                ground=_("Proof for the person; three years, as for acts of destruction."),
                default=3 * YEAR,
                shortest=YEAR,
                longest=5 * YEAR,
                models=("accounts.StaffView",),
                due=lambda before: StaffView.objects.filter(created_at__lt=before, expires_at__lt=timezone.now()),
                purge=_purge_staff_views,
            ),
        )

    def erase(self, user: User) -> Counts:
        """Nothing personal stays. The row of the user does, nameless, because money that must be kept points at it."""
        return {**self._erase_rows(user), "pictures": avatars.remove(user)}

    def orphans(self, older_than: timedelta) -> Iterator[str]:
        """Pictures that no person has any more."""
        limit = timezone.now() - older_than
        kept = set(User.objects.exclude(avatar="").values_list("avatar", flat=True))
        for found in store().listing(avatars.FOLDER):
            if found.modified_at < limit and found.key not in kept:
                yield found.key

    @transaction.atomic
    def _erase_rows(self, user: User) -> dict[str, int]:
        counts = {"sign-ins": sign_ins.end_all(user=user)}
        for model in (
            SocialAccount,
            EmailAddress,
            EmailProof,
            Authenticator,
            Notice,
            SecurityEvent,
            StaffView,
            SupportMessage,
        ):
            deleted, _per_model = model._default_manager.filter(user=user).delete()
            counts[model._meta.label] = deleted
        counts["accounts.ApiKey"] = user.api_keys.count()
        user.api_keys.all().delete()
        AdminLogEntry.objects.filter(object_id=str(user.pk)).update(object_repr=str(user.pk), change_message="")
        about = LogEntry.objects.get_for_object(user)
        counts["auditlog.LogEntry"] = about.update(object_repr=str(user.pk), additional_data=None)
        around = LogEntry.objects.filter(additional_data__owner=str(user.pk))
        counts["auditlog.LogEntry"] += around.update(additional_data={"owner": str(user.pk), "reason": "erased"})
        LogEntry.objects.filter(actor=user).update(remote_addr=None, actor_email=None)
        User.objects.filter(pk=user.pk).update(
            email=None,
            name="",
            password="!",  # noqa: S106
            notice_settings={},
            is_active=False,
            is_staff=False,
            is_superuser=False,
            block_reason="",
            frozen_at=None,
            freeze_reason="",
            last_login=None,
            age_stated_at=None,
        )
        return counts


def _purge_security_events(keys: Sequence[Any]) -> Counts:
    return {"accounts.SecurityEvent": SecurityEvent.objects.filter(pk__in=keys).delete()[0]}


def _purge_notices(keys: Sequence[Any]) -> Counts:
    return {"accounts.Notice": Notice.objects.filter(pk__in=keys).delete()[0]}


def _purge_api_calls(keys: Sequence[Any]) -> Counts:
    return {"accounts.ApiCall": ApiCall.objects.filter(pk__in=keys).delete()[0]}


def _purge_support_messages(keys: Sequence[Any]) -> Counts:
    return {"accounts.SupportMessage": SupportMessage.objects.filter(pk__in=keys).delete()[0]}


def _purge_staff_views(keys: Sequence[Any]) -> Counts:
    return {"accounts.StaffView": StaffView.objects.filter(pk__in=keys).delete()[0]}


def _profile(user: User) -> Record:
    pending = selectors.waiting(user)["pending_email"]
    return profile.own(user) | {"pending_email": pending, "age_stated_at": user.age_stated_at}


def _plain(row: Any) -> Record:
    return {name: getattr(row, name) for name in row.__slots__ if name != "is_current"}


def _key(api_key: Any) -> Record:
    return {
        "id": api_key.id,
        "name": api_key.name,
        "scopes": api_key.scopes,
        "caps": dict(api_key.caps),
        "allowed_ips": api_key.allowed_ips,
        "created_at": api_key.created_at,
        "expires_at": api_key.expires_at,
        "revoked_at": api_key.revoked_at,
        "last_used_at": api_key.last_used_at,
        "last_used_ip": api_key.last_used_ip,
        "secrets": [str(secret) for secret in api_key.secrets.all()],
    }
