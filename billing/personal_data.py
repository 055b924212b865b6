"""What billing holds about a person."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Max, Q
from django.utils.translation import gettext_lazy as _

from billing import selectors, statements
from billing.models import (
    Correction,
    Hold,
    JournalEntry,
    LowBalanceAlert,
    Payment,
    PaymentNotification,
    Receipt,
    Refund,
    SpendCap,
    SpendUsage,
)
from neuralbox.core.personal_data import Counts, Holder, NotYet, Received, Retention, Section, section_of

DAY = timedelta(days=1)
YEAR = timedelta(days=365)
# How long the law wants payment records (P12): primary accounting documents are kept for five years after the
# reporting year (402-FZ, article 29), so six years cover every day of it.
LEGAL_PERIOD = 6 * YEAR
ERASED = "erased"


class Money(Holder):
    """Balances and books. The books stay as the law wants them (P12): they name a wallet, not a person."""

    name = "billing"
    models: Iterable[str] = (
        "billing.Wallet",
        "billing.JournalEntry",
        "billing.Posting",
        "billing.Hold",
        "billing.SpendCap",
        "billing.SpendUsage",
        "billing.Correction",
        "billing.LowBalanceAlert",
        "billing.Voucher",
        "billing.Payment",
        "billing.PaymentNotification",
        "billing.PaymentEvent",
        "billing.Receipt",
        "billing.Refund",
        "billing.Dispute",
        "billing.ReviewCase",
        "billing.ReconciliationDifference",
    )
    impersonal: Mapping[str, str] = {
        "billing.PackageVersion": "names the member of staff who published a price",
        "billing.PackagePrice": "belongs to a published price",
        "billing.TokenRate": "names the member of staff who published a price",
        "billing.PromoCode": "names the member of staff who made the code",
        "billing.VoucherBatch": "names the member of staff who made the vouchers",
    }
    kept: Mapping[str, str] = {
        "billing.Wallet": "the books stand on it; it has no name, and after an erasure its owner has none",
        "billing.JournalEntry": "a line of the books: append-only, proved by a chain of hashes; names a wallet",
        "billing.Posting": "a line of the books; names a wallet",
        "billing.Hold": "what a line of the books is about; who may spend is forgotten at an erasure",
        "billing.SpendCap": "the person's own limit, until they lift it; goes with the account",
        "billing.SpendUsage": "counts towards the person's own limit; goes with the account",
        "billing.Correction": "a line of the books and its reason; the reason goes with the account",
        "billing.LowBalanceAlert": "the person's own wish; goes with the account",
        "billing.Voucher": "proves which wallet was credited, as a line of the books does",
        "billing.PaymentEvent": "tells how a payment went, in words of ours; part of the accounting document",
        "billing.Receipt": "is an accounting document; the payer's e-mail stands in the payment",
        "billing.Refund": "is an accounting document; what the person wrote goes with the account",
        "billing.Dispute": "is an accounting document; names a payment",
        "billing.ReviewCase": "tells how staff settled a payment; names a payment",
        "billing.ReconciliationDifference": "tells how staff settled a payment; names a payment",
    }

    def sections(self, user: Any) -> Iterator[Section]:
        """The balance, every entry with its hash, the limits, and the corrections with their reasons."""
        yield Section(
            name="balance",
            title=_("Balance"),
            purpose=_("To know what you can spend"),
            count=lambda: 1,
            records=lambda: iter([asdict(selectors.balance(user.pk))]),
        )
        entries = JournalEntry.objects.filter(wallet__owner=user)
        yield Section(
            name="ledger",
            title=_("Ledger: every movement of tokens"),
            purpose=_("Accounting, as the law demands; and so that you can check us"),
            count=entries.count,
            records=lambda: statements.lines(owner_id=user.pk, since=None, until=None),
            within=lambda: (
                entries.order_by("sequence").values_list("created_at", flat=True).first(),
                entries.order_by("-sequence").values_list("created_at", flat=True).first(),
            ),
        )
        yield Section(
            name="spending_limits",
            title=_("Spending limits"),
            purpose=_("To keep to what you have set"),
            count=SpendCap.objects.filter(wallet__owner=user).count,
            records=lambda: (
                {"window": window, **asdict(cap)} for window, cap in selectors.caps(user.pk).items() if cap
            ),
        )
        yield section_of(
            Correction.objects.filter(wallet__owner=user),
            "id", "amount", "reason", "status", "created_at", "decided_at",
            name="corrections",
            title=_("Corrections of the balance"),
            purpose=_("Accounting, as the law demands"),
        )  # fmt: skip

        yield section_of(
            Payment.objects.filter(wallet__owner=user),
            "id", "number", "gateway", "status", "amount", "currency", "tokens", "bonus_tokens", "email", "method",
            "external_id", "refunded_amount", "created_at", "paid_at",
            name="payments",
            title=_("Payments"),
            purpose=_("To take the money and to prove it; kept as the law demands"),
        )  # fmt: skip
        yield section_of(
            Receipt.objects.filter(payment__wallet__owner=user),
            "id", "payment_id", "kind", "status", "lines", "url", "fiscal_document", "created_at", "issued_at",
            name="receipts",
            title=_("Receipts"),
            purpose=_("Fiscal receipts, as the law demands"),
        )  # fmt: skip
        yield section_of(
            Refund.objects.filter(payment__wallet__owner=user),
            "id", "payment_id", "status", "amount", "tokens", "reason", "answer", "created_at", "ended_at",
            name="refunds",
            title=_("Refunds"),
            purpose=_("To give money back and to prove it; kept as the law demands"),
        )  # fmt: skip

    def received(self, user: Any) -> Iterator[Received]:
        sent = Payment.objects.filter(wallet__owner=user).exclude(status=Payment.Status.CREATED)
        for row in sent.values("gateway").annotate(count=Count("pk"), last_at=Max("created_at")).order_by("-last_at"):
            yield Received(
                row["gateway"], _("amount, number of the payment, e-mail for the receipt"), row["count"], row["last_at"]
            )

    def retention(self) -> Iterable[Retention]:
        return (
            Retention(
                kind="billing.payer_details",
                title=_("Payments and receipts: the payer's e-mail"),
                effect=_("The e-mail for the receipt is removed; amounts stay in the books, which name nobody."),
                ground=_(
                    "402-FZ, article 29: accounting documents are kept for five years after the year (promise P12)."
                ),
                default=LEGAL_PERIOD,
                shortest=LEGAL_PERIOD,
                longest=10 * YEAR,
                models=("billing.Payment",),
                due=lambda before: Payment.objects.filter(created_at__lt=before).exclude(email=""),
                purge=_forget_payers,
                owner="wallet__owner_id",
            ),
            Retention(
                kind="billing.notifications",
                title=_("Messages of payment processors"),
                effect=_("The text of a message is removed; that it came, and what it changed, stays."),
                ground=_("To settle disputes with a processor: a bank may ask for 18 months."),
                default=550 * DAY,
                shortest=180 * DAY,
                longest=LEGAL_PERIOD,
                models=("billing.PaymentNotification",),
                due=lambda before: PaymentNotification.objects.filter(received_at__lt=before).exclude(body=""),
                purge=_forget_messages,
                owner="payment__wallet__owner_id",
                age_from="received_at",
            ),
        )

    @transaction.atomic
    def erase(self, user: Any) -> Counts:
        """Limits, addresses and reasons go; payments, receipts and entries stay and name a wallet (P12).

        Raises NotYet while tokens are set aside, a payment is open, or money is on its way back.
        """
        holds = Hold.objects.filter(wallet__owner=user)
        payments = Payment.objects.filter(wallet__owner=user)
        refunds = Refund.objects.filter(payment__in=payments)
        if holds.filter(status=Hold.Status.ACTIVE).exists():
            raise NotYet("tokens are set aside for something that runs")
        if payments.filter(Q(status__in=Payment.OPEN) | Q(status=Payment.Status.DISPUTED)).exists():
            raise NotYet("a payment is not finished")
        if refunds.filter(status__in=Refund.OPEN).exists():
            raise NotYet("a refund is not finished")
        notifications = PaymentNotification.objects.filter(payment__in=payments)
        corrections = Correction.objects.filter(wallet__owner=user)
        return {
            "billing.SpendCap": SpendCap.objects.filter(wallet__owner=user).delete()[0],
            "billing.SpendUsage": SpendUsage.objects.filter(wallet__owner=user).delete()[0],
            "billing.LowBalanceAlert": LowBalanceAlert.objects.filter(wallet__owner=user).delete()[0],
            "billing.Hold, pseudonymised": holds.exclude(spender="").update(spender=""),
            "billing.Payment, pseudonymised": payments.exclude(email="", redirect_url="").update(
                email="", redirect_url=""
            ),
            "billing.PaymentNotification, pseudonymised": notifications.exclude(body="", peer=None).update(
                body="", peer=None
            ),
            "billing.Refund, pseudonymised": refunds.exclude(reason__in=("", ERASED), answer__in=("", ERASED)).update(
                reason=ERASED, answer=ERASED
            ),
            "billing.Correction, pseudonymised": corrections.exclude(reason=ERASED).update(reason=ERASED),
        }


def _forget_payers(keys: Sequence[Any]) -> Counts:
    return {"billing.Payment, pseudonymised": Payment.objects.filter(pk__in=keys).update(email="")}


def _forget_messages(keys: Sequence[Any]) -> Counts:
    forgotten = PaymentNotification.objects.filter(pk__in=keys).update(body="", peer=None)
    return {"billing.PaymentNotification, pseudonymised": forgotten}
