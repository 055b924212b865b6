"""Fiscal receipts (law 54-FZ) in neutral words. Each gateway that issues them turns these into its own object."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from billing.gateways.money import Money


class TaxSystem(StrEnum):
    GENERAL = "osn"
    SIMPLIFIED_INCOME = "usn_income"
    SIMPLIFIED_PROFIT = "usn_income_outcome"
    AGRICULTURAL = "esn"
    PATENT = "patent"


class Vat(StrEnum):
    """`VAT_22` is a plain rate; `VAT_22_122` is the calculated rate of an advance."""

    NONE = "none"
    VAT_0 = "vat0"
    VAT_5 = "vat5"
    VAT_7 = "vat7"
    VAT_10 = "vat10"
    VAT_20 = "vat20"
    VAT_22 = "vat22"
    VAT_5_105 = "vat105"
    VAT_7_107 = "vat107"
    VAT_10_110 = "vat110"
    VAT_20_120 = "vat120"
    VAT_22_122 = "vat122"


class Settlement(StrEnum):
    """How the sum relates to what is sold."""

    FULL_PREPAYMENT = "full_prepayment"
    PREPAYMENT = "prepayment"
    ADVANCE = "advance"
    FULL_PAYMENT = "full_payment"


class Subject(StrEnum):
    """What is sold."""

    SERVICE = "service"
    PAYMENT = "payment"
    INTELLECTUAL_ACTIVITY = "intellectual_activity"
    COMMODITY = "commodity"
    ANOTHER = "another"


# What is settled later: a closing receipt follows when the service has been rendered.
PREPAYMENTS = frozenset({Settlement.FULL_PREPAYMENT, Settlement.PREPAYMENT, Settlement.ADVANCE})
# An advance bears the calculated rate, what closes it the plain one.
PLAIN_RATES: Mapping[Vat, Vat] = MappingProxyType(
    {
        Vat.VAT_5_105: Vat.VAT_5,
        Vat.VAT_7_107: Vat.VAT_7,
        Vat.VAT_10_110: Vat.VAT_10,
        Vat.VAT_20_120: Vat.VAT_20,
        Vat.VAT_22_122: Vat.VAT_22,
    }
)
_PER_CENT: Mapping[Vat, int] = MappingProxyType(
    {Vat.VAT_5: 5, Vat.VAT_7: 7, Vat.VAT_10: 10, Vat.VAT_20: 20, Vat.VAT_22: 22}
)


def vat_in(amount: Money, vat: Vat) -> Money:
    """The tax that is part of a sum, rounded to the nearest minor unit."""
    rate = _PER_CENT.get(PLAIN_RATES.get(vat, vat), 0)
    return Money((2 * amount.minor * rate + 100 + rate) // (2 * (100 + rate)), amount.currency)


class Closing(StrEnum):
    """When closing receipts are made. SPENT: once, when nothing of a payment is left. NEVER: made elsewhere."""

    DAILY = "daily"
    MONTHLY = "monthly"
    SPENT = "spent"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One line; `amount` is the whole sum of the line. A refund's line keeps the rate of the sale."""

    name: str
    amount: Money
    vat: Vat
    subject: Subject
    settlement: Settlement


@dataclass(frozen=True, slots=True)
class Receipt:
    """The lines sum to the payment or refund. One of `email` and `phone` (+79990000000) is given."""

    lines: tuple[ReceiptLine, ...]
    tax_system: TaxSystem
    email: str = ""
    phone: str = ""


class ReceiptState(StrEnum):
    PENDING = "pending"
    ISSUED = "issued"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ReceiptReport:
    """What became of a receipt. `is_refund`: of the return; `is_settled`: it says that all was rendered.

    `url` shows it at the tax data operator. `external_id` is its own number there, where it has one.
    """

    state: ReceiptState
    is_refund: bool = False
    is_settled: bool = False
    external_id: str = ""
    url: str = ""
    fiscal_storage: str = ""
    fiscal_document: str = ""
    fiscal_sign: str = ""
    raw_status: str = ""
