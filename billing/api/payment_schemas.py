"""What the API of payments takes and gives. Money is a whole number of the currency's minor unit."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from billing.models import Payment, Receipt, Refund
from billing.services import amounts
from neuralbox.core.serializers import StrictSerializer


class PriceOutput(serializers.Serializer):
    currency = serializers.CharField()
    amount = serializers.IntegerField(help_text="In the currency's minor unit: kopecks, cents.")
    decimals = serializers.IntegerField(help_text="How many digits of `amount` stand behind the decimal point.")


class PackageOutput(serializers.Serializer):
    slug = serializers.CharField()
    tokens = serializers.IntegerField()
    bonus_tokens = serializers.IntegerField(help_text="Given with the bought ones.")
    is_featured = serializers.BooleanField()
    prices = PriceOutput(many=True)


class FreeAmountOutput(serializers.Serializer):
    currency = serializers.CharField()
    decimals = serializers.IntegerField()
    per_thousand = serializers.IntegerField(help_text="Price of 1,000 tokens in minor units.")
    minimum = serializers.IntegerField()
    maximum = serializers.IntegerField()


class OffersOutput(serializers.Serializer):
    packages = PackageOutput(many=True)
    free_amounts = FreeAmountOutput(many=True)
    vat_note = serializers.CharField(help_text="Whether the prices include VAT, in words.")


class LimitsOutput(serializers.Serializer):
    currency = serializers.CharField()
    decimals = serializers.IntegerField()
    minimum = serializers.IntegerField()
    maximum = serializers.IntegerField()


class GatewayOutput(serializers.Serializer):
    slug = serializers.CharField()
    name = serializers.CharField()
    company = serializers.CharField()
    country = serializers.CharField(help_text="Where the company is: two letters of ISO 3166.")
    privacy_policy = serializers.CharField()
    methods = serializers.ListField(child=serializers.CharField())
    currencies = LimitsOutput(many=True)
    is_test = serializers.BooleanField(help_text="Moves no real money.")
    is_crypto = serializers.BooleanField()
    refunds = serializers.ChoiceField(choices=["none", "partial"], help_text="`none`: we return money by hand.")
    refund_days = serializers.IntegerField(allow_null=True)


class RefundPromiseOutput(serializers.Serializer):
    promised_hours = serializers.IntegerField(help_text="Within so many hours we send the money or say why not.")
    handled = serializers.IntegerField(help_text="Refunds of the last 90 days.")
    median_hours = serializers.FloatField(allow_null=True)
    within_promise = serializers.IntegerField(allow_null=True, help_text="Per cent.")


class GatewaysOutput(serializers.Serializer):
    gateways = GatewayOutput(many=True)
    refunds = RefundPromiseOutput()


class PaymentInput(StrictSerializer):
    package = serializers.SlugField(required=False, help_text="One of `GET /packages`. Or `amount`.")
    amount = serializers.IntegerField(
        required=False, min_value=1, max_value=amounts.LARGEST, help_text="A free amount, in minor units."
    )
    gateway = serializers.CharField(max_length=20, help_text="One of `GET /gateways`.")
    currency = serializers.RegexField(
        "^[A-Za-z]{3}$", required=False, help_text="Without it: the gateway's first currency."
    )
    promo_code = serializers.CharField(required=False, max_length=40, allow_blank=True)
    email = serializers.EmailField(required=False, help_text="Where the receipt goes. Without it: your own.")

    def validate(self, attrs: Any) -> Any:
        if ("package" in attrs) == ("amount" in attrs):
            detail = _("Name a package or an amount, one of them.")
            raise serializers.ValidationError({"package": [detail]}, "required")
        return attrs


class ReceiptOutput(serializers.Serializer):
    kind = serializers.ChoiceField(
        choices=Receipt.Kind.choices, help_text="`closing`: prepaid tokens have been spent, the service is rendered."
    )
    status = serializers.ChoiceField(choices=Receipt.Status.choices)
    url = serializers.CharField(help_text="Empty until the receipt is issued.")
    fiscal_document = serializers.CharField()
    is_refund = serializers.BooleanField()
    issued_at = serializers.DateTimeField(allow_null=True)


class RefundOutput(serializers.Serializer):
    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=Refund.Status.choices)
    amount = serializers.IntegerField(help_text="In minor units.")
    tokens = serializers.IntegerField(help_text="Bought tokens that are taken for it.")
    bonus_tokens = serializers.IntegerField()
    answer = serializers.CharField(help_text="What we said, when it was refused.")
    proof = serializers.CharField(help_text="Where money is returned by hand: the number of the transaction.")
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class RefundableOutput(serializers.Serializer):
    amount = serializers.IntegerField(help_text="What can be returned now, in minor units; 0 when nothing can.")
    tokens = serializers.IntegerField(help_text="Bought tokens that would be taken.")
    bonus_tokens = serializers.IntegerField(help_text="Given tokens that would be taken.")
    why_not = serializers.ChoiceField(
        choices=["not_paid", "disputed", "refunded", "in_progress", "spent"], allow_null=True
    )
    explanation = serializers.CharField()
    gateway_days = serializers.IntegerField(allow_null=True, help_text="How many days the money may then travel.")


class PaymentOutput(serializers.Serializer):
    id = serializers.UUIDField()
    number = serializers.IntegerField(help_text="The number that you may tell to support.")
    status = serializers.ChoiceField(choices=Payment.Status.choices)
    gateway = serializers.CharField()
    gateway_name = serializers.CharField()
    amount = serializers.IntegerField(help_text="In minor units.")
    currency = serializers.CharField()
    decimals = serializers.IntegerField()
    full_amount = serializers.IntegerField(help_text="Before a promo code.")
    tokens = serializers.IntegerField()
    bonus_tokens = serializers.IntegerField()
    package = serializers.CharField(allow_null=True)
    promo_code = serializers.CharField(allow_null=True)
    redirect_url = serializers.CharField(
        allow_null=True,
        help_text="Where to pay. Null when there is nothing to pay, or the gateway has not said it yet.",
    )
    is_test = serializers.BooleanField()
    refunded_amount = serializers.IntegerField()
    receipts = ReceiptOutput(many=True)
    refunds = RefundOutput(many=True)
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    paid_at = serializers.DateTimeField(allow_null=True)


class OnePaymentOutput(PaymentOutput):
    refundable = RefundableOutput()


class RefundRequestInput(StrictSerializer):
    reason = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")


class VoucherInput(StrictSerializer):
    code = serializers.CharField(max_length=60)


class VoucherOutput(serializers.Serializer):
    tokens = serializers.IntegerField(help_text="Bonus tokens that were added.")


class AlertSetting(StrictSerializer):
    below = serializers.IntegerField(
        allow_null=True, min_value=1, max_value=amounts.LARGEST, help_text="Tokens. Null: tell nothing."
    )


_ID = "01930b6e-7c3a-7d3e-9f00-3b1f0c6a1d2e"
_PAYMENT = {
    "id": _ID, "number": 1042, "status": "pending", "gateway": "yookassa",
    "gateway_name": "YooKassa", "amount": 125000, "currency": "RUB",
    "decimals": 2, "full_amount": 125000, "tokens": 500, "bonus_tokens": 25, "package": "base", "promo_code": None,
    "redirect_url": "https://yoomoney.ru/checkout/payments/v2/contract?orderId=2c", "is_test": False,
    "refunded_amount": 0, "receipts": [], "refunds": [], "created_at": "2026-11-24T10:00:00Z",
    "expires_at": "2026-11-24T13:00:00Z", "paid_at": None,
}  # fmt: skip
_PAID = {
    **_PAYMENT, "status": "paid", "redirect_url": None, "paid_at": "2026-11-24T10:01:12Z",
    "receipts": [{"kind": "sale", "status": "issued", "url": "https://receipt.example/1", "fiscal_document": "15",
                  "is_refund": False, "issued_at": "2026-11-24T10:01:20Z"}],
}  # fmt: skip
_REFUND = {
    "id": _ID, "status": "requested", "amount": 100000, "tokens": 400, "bonus_tokens": 0, "answer": "", "proof": "",
    "created_at": "2026-11-24T10:00:00Z", "ended_at": None,
}  # fmt: skip
OFFERS = OpenApiExample(
    "Offers",
    {
        "packages": [
            {"slug": "base", "tokens": 500, "bonus_tokens": 25, "is_featured": True,
             "prices": [{"currency": "RUB", "amount": 125000, "decimals": 2}]}
        ],
        "free_amounts": [
            {"currency": "RUB", "decimals": 2, "per_thousand": 250000, "minimum": 10000, "maximum": 10000000}
        ],
        "vat_note": "Prices are final.",
    },
    response_only=True,
)  # fmt: skip
GATEWAYS = OpenApiExample(
    "Gateways",
    {
        "gateways": [
            {"slug": "yookassa", "name": "YooKassa", "company": "YooMoney", "country": "RU",
             "privacy_policy": "https://yoomoney.ru/page?id=525698", "methods": ["card", "sbp"],
             "currencies": [{"currency": "RUB", "decimals": 2, "minimum": 100, "maximum": 35000000}],
             "is_test": False, "is_crypto": False, "refunds": "partial", "refund_days": 3}
        ],
        "refunds": {"promised_hours": 48, "handled": 12, "median_hours": 3.5, "within_promise": 100},
    },
    response_only=True,
)  # fmt: skip
PAYMENT_IN = OpenApiExample("A package", {"package": "base", "gateway": "sandbox"}, request_only=True)
AMOUNT_IN = OpenApiExample(
    "A free amount", {"amount": 50000, "currency": "RUB", "gateway": "sandbox"}, request_only=True
)
PAYMENT_OUT = OpenApiExample("Payment", _PAYMENT, response_only=True)
ONE_PAYMENT_OUT = OpenApiExample(
    "Paid",
    {**_PAID, "refundable": {"amount": 125000, "tokens": 500, "bonus_tokens": 25, "why_not": None,
                             "explanation": "Nothing of it was used: the whole payment can be returned.",
                             "gateway_days": 3}},
    response_only=True,
)  # fmt: skip
REFUND_IN = OpenApiExample("Reason", {"reason": "I will not need them"}, request_only=True)
REFUND_OUT = OpenApiExample("Refund", _REFUND, response_only=True)
VOUCHER_IN = OpenApiExample("Voucher", {"code": "K7QWM-2HXRD-9TFPA-VB4CN"}, request_only=True)
VOUCHER_OUT = OpenApiExample("Tokens", {"tokens": 500}, response_only=True)
ALERT = OpenApiExample("Alert", {"below": 50})
