"""The finance desk's page: revenue by day, gateway and currency, what waits for staff, what we owe, and exports."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_safe

from billing import exports
from billing import selectors_finance as reads
from billing.admin.shown import money
from billing.gateways.money import Money
from billing.models import Payment
from billing.money_words import number

MAY_SEE = "billing.see_revenue"
LONGEST_DAYS = 400
_SHOWN_DAYS = 30
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# One colour per gateway, in the order of their sums.
_COLOURS = (
    "var(--color-primary-600)", "oklch(72% .13 60)", "oklch(62% .12 250)", "oklch(65% .15 20)", "oklch(70% .1 140)",
    "oklch(60% .12 300)", "var(--color-base-400)",
)  # fmt: skip


class PeriodForm(forms.Form):
    since = forms.DateField(required=False)
    until = forms.DateField(required=False)
    file = forms.ChoiceField(required=False, choices=[(one, one) for one in ("", "csv", "xlsx")])
    what = forms.ChoiceField(required=False, choices=[(one, one) for one in ("", "revenue", "payments")])

    def period(self) -> tuple[date, date]:
        """The days asked for, at most so many, the last 30 by default."""
        until = self.cleaned_data.get("until") or timezone.now().date()
        since = self.cleaned_data.get("since") or until - timedelta(days=_SHOWN_DAYS - 1)
        return max(since, until - timedelta(days=LONGEST_DAYS)), until


@require_safe
def revenue(request: HttpRequest) -> HttpResponse:
    """`?since=&until=` choose the days, `?file=csv|xlsx&what=revenue|payments` give a file."""
    if not request.user.has_perm(MAY_SEE):
        raise PermissionDenied
    form = PeriodForm(request.GET)
    form.is_valid()
    since, until = form.period()
    if file := form.cleaned_data.get("file"):
        return _file(file, form.cleaned_data.get("what") or "revenue", since, until)
    rows = reads.revenue(since, until)
    currency = _main_currency(rows)
    context = {
        **admin.site.each_context(request),
        "title": _("Revenue"),
        "since": since,
        "until": until,
        "rows": [{"row": row, **_sums(row)} for row in rows],
        "totals": _totals(rows),
        "chart_currency": currency,
        "chart": _chart(rows, currency, since, until),
        "legend": list(zip(_gateways(rows, currency), _COLOURS, strict=False)),
        "cards": _cards(),
    }
    return TemplateResponse(request, "billing/admin/revenue.html", context)


def _sums(row: reads.RevenueRow) -> dict[str, str]:
    return {name: money(getattr(row, name), row.currency) for name in ("paid", "returned", "net")}


def _totals(rows: list[reads.RevenueRow]) -> list[dict[str, Any]]:
    """By currency, real money and test money apart."""
    sums: dict[tuple[bool, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for row in rows:
        total = sums[row.is_test, row.currency]
        for index, value in enumerate((row.payments, row.paid, row.returned, row.net)):
            total[index] += value
    return [
        {
            "is_test": is_test,
            "payments": payments,
            "paid": money(paid, currency),
            "returned": money(returned, currency),
            "net": money(net, currency),
        }
        for (is_test, currency), (payments, paid, returned, net) in sorted(sums.items())
    ]


def _main_currency(rows: list[reads.RevenueRow]) -> str:
    counts: dict[str, int] = defaultdict(int)
    for row in rows:
        counts[row.currency] += row.payments
    return max(counts, key=lambda one: counts[one], default="RUB")


def _gateways(rows: list[reads.RevenueRow], currency: str) -> list[str]:
    sums: dict[str, int] = defaultdict(int)
    for row in rows:
        if row.currency == currency:
            sums[row.gateway] += row.paid
    return sorted(sums, key=lambda one: -sums[one])


def _chart(rows: list[reads.RevenueRow], currency: str, since: date, until: date) -> str:
    """A bar per day, a layer per gateway, in main units of one currency."""
    days = [since + timedelta(days=number) for number in range((until - since).days + 1)]
    paid = {(row.gateway, row.day): row.paid for row in rows if row.currency == currency}
    datasets = [
        {
            "label": gateway,
            "backgroundColor": _COLOURS[number % len(_COLOURS)],
            "data": [float(Money(paid.get((gateway, day), 0), currency).value) for day in days],
            "stack": "all",
            "displayYAxis": True,
            "maxTicksXLimit": 15,
        }
        for number, gateway in enumerate(_gateways(rows, currency))
    ]
    return json.dumps({"labels": [day.strftime("%d.%m") for day in days], "datasets": datasets})


def _cards() -> list[dict[str, Any]]:
    waiting, owed = reads.waiting(), reads.liability()
    oldest = waiting.oldest_refund
    hours = (timezone.now() - oldest).total_seconds() / 3600 if oldest else 0
    return [
        {
            "title": _("Unused paid tokens"),
            "value": owed.paid + owed.paid_held,
            "note": _("What we owe: %(held)s of them are set aside. Given tokens beside them: %(bonus)s.")
            % {"held": number(owed.paid_held), "bonus": number(owed.bonus)},
            "href": reverse("admin:billing_wallet_changelist"),
        },
        {
            "title": _("Refunds to decide"),
            "value": waiting.refunds,
            "note": _("The oldest waits for %(hours)s hours.") % {"hours": number(hours, 1)},
            "href": f"{reverse('admin:billing_refund_changelist')}?status__exact=requested",
            "is_bad": hours > 24,
        },
        {
            "title": _("Review queue"),
            "value": waiting.reviews,
            "note": _("What no rule could decide."),
            "href": f"{reverse('admin:billing_reviewcase_changelist')}?status__exact=open",
            "is_bad": waiting.reviews > 0,
        },
        {
            "title": _("Open disputes"),
            "value": waiting.disputes,
            "note": _("Banks wait for an answer until a date."),
            "href": reverse("admin:billing_dispute_changelist"),
            "is_bad": waiting.disputes > 0,
        },
    ]


_REVENUE_HEAD = (
    gettext_lazy("Day"), gettext_lazy("Gateway"), gettext_lazy("Currency"), gettext_lazy("Test"),
    gettext_lazy("Payments"), pgettext_lazy("money", "Paid"), gettext_lazy("Returned"), gettext_lazy("Net"),
    gettext_lazy("Tokens"),
)  # fmt: skip
_PAYMENTS_HEAD = (
    gettext_lazy("Number"), gettext_lazy("Paid at (UTC)"), gettext_lazy("Gateway"),
    gettext_lazy("Number at the gateway"),
    gettext_lazy("Amount"), gettext_lazy("Currency"), gettext_lazy("Refunded"), gettext_lazy("Status"),
    gettext_lazy("Tokens"), gettext_lazy("Bonus tokens"), gettext_lazy("Test"), gettext_lazy("Wallet"),
)  # fmt: skip


def _file(kind: str, what: str, since: date, until: date) -> HttpResponse:
    head: Sequence[Any]
    rows: Iterable[exports.Row]
    if what == "payments":
        head, rows = _PAYMENTS_HEAD, map(_payment_line, reads.payments_between(since, until))
    else:
        head, rows = _REVENUE_HEAD, _revenue_lines(since, until)
    titles = [str(title) for title in head]
    if kind == "csv":
        content, mime = "".join(exports.as_csv(titles, rows)).encode(), "text/csv; charset=utf-8"
    else:
        content, mime = exports.as_xlsx(titles, rows), _XLSX
    name = f"neuralbox-{what}-{since}-{until}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type=mime, headers=headers)


def _revenue_lines(since: date, until: date) -> Iterator[exports.Row]:
    for row in reads.revenue(since, until):
        sums = [Money(minor, row.currency).value for minor in (row.paid, row.returned, row.net)]
        yield (row.day, row.gateway, row.currency, row.is_test, row.payments, *sums, row.tokens)


def _payment_line(payment: Payment) -> exports.Row:
    """Names a wallet, not a person: accountants need no more."""
    return (
        payment.number,
        payment.paid_at,
        payment.gateway,
        payment.external_id,
        payment.money.value,
        payment.currency,
        Money(payment.refunded_amount, payment.currency).value,
        payment.status,
        payment.tokens,
        payment.bonus_tokens,
        payment.is_test,
        str(payment.wallet_id),
    )
