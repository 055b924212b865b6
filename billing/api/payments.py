"""Doors to buying: offers, gateways, payments, refunds, vouchers, the low-balance alert."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import caller
from billing import selectors_payments as reads
from billing.api import payment_schemas as schemas
from billing.api.payment_shapes import shown, shown_one, shown_refund
from billing.gateways.money import exponent
from billing.models import LowBalanceAlert, Payment
from billing.services import low_balance, payment_polls, payments, refunds, vouchers
from neuralbox.core.errors import NotFound


class PackagesApi(APIView):
    """Public: prices are no secret."""

    authentication_classes: Any = ()
    permission_classes: Any = (AllowAny,)

    @extend_schema(
        operation_id="packages_list",
        tags=["payments"],
        summary="What can be bought",
        description="Packages and the price of free amounts, per currency.",
        responses=schemas.OffersOutput,
        examples=[schemas.OFFERS],
    )
    def get(self, request: Request) -> Response:
        return Response(
            {
                "packages": [
                    {
                        "slug": package.slug,
                        "tokens": package.tokens,
                        "bonus_tokens": package.bonus_tokens,
                        "is_featured": package.is_featured,
                        "prices": [
                            {"currency": currency, "amount": amount, "decimals": exponent(currency)}
                            for currency, amount in package.prices.items()
                        ],
                    }
                    for package in reads.packages()
                ],
                "free_amounts": [
                    {
                        "currency": currency,
                        "decimals": exponent(currency),
                        "per_thousand": rate.per_thousand,
                        "minimum": rate.minimum,
                        "maximum": rate.maximum,
                    }
                    for currency, rate in reads.rates().items()
                ],
                "vat_note": vat_note(),
            }
        )


def vat_note() -> str:
    """What the price includes, as the receipt will say it."""
    if settings.FISCAL_TAX_SYSTEM and settings.FISCAL_VAT_CODE != "none":
        return _("Prices are final and include VAT.")
    return _("Prices are final. No VAT is added.")


class GatewaysApi(APIView):
    """Public: how one can pay is asked before one joins."""

    authentication_classes: Any = ()
    permission_classes: Any = (AllowAny,)

    @extend_schema(
        operation_id="gateways_list",
        tags=["payments"],
        summary="How it can be paid",
        description="Only what is usable here and now; and how fast refunds have been handled.",
        responses=schemas.GatewaysOutput,
        examples=[schemas.GATEWAYS],
    )
    def get(self, request: Request) -> Response:
        gateways = [
            {
                "slug": slug,
                "name": str(facts.name),
                "company": facts.company,
                "country": facts.country,
                "privacy_policy": facts.privacy_policy,
                "methods": facts.methods,
                "currencies": [
                    {
                        "currency": currency,
                        "decimals": exponent(currency),
                        "minimum": limits.minimum,
                        "maximum": limits.maximum,
                    }
                    for currency, limits in facts.currencies.items()
                ],
                "is_test": is_test,
                "is_crypto": facts.is_crypto,
                "refunds": facts.refunds,
                "refund_days": facts.refund_days,
            }
            for slug, facts, is_test in reads.usable_gateways()
        ]
        return Response({"gateways": gateways, "refunds": reads.refund_speed()})


class PaymentsApi(ListAPIView):
    scopes = {"POST": "billing"}
    serializer_class = schemas.PaymentOutput

    def get_queryset(self) -> QuerySet[Payment]:
        return reads.payments_of(caller(self.request).pk)

    @extend_schema(
        operation_id="payments_list",
        tags=["payments"],
        summary="Your payments",
        description="Newest first, with receipts and refunds.",
        responses=schemas.PaymentOutput(many=True),
        examples=[schemas.PAYMENT_OUT],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response([shown(payment) for payment in page])

    @extend_schema(
        operation_id="payments_create",
        tags=["payments"],
        summary="Begin a payment",
        description=(
            "For a package or a free amount. Send the payer to `redirect_url`: a page of the gateway, where card data "
            "stays. What came of it is told by `GET /payments/{id}`, never by the browser's return."
        ),
        request=schemas.PaymentInput,
        responses={201: schemas.PaymentOutput},
        examples=[schemas.PAYMENT_IN, schemas.AMOUNT_IN, schemas.PAYMENT_OUT],
    )
    def post(self, request: Request) -> Response:
        sent = schemas.PaymentInput(data=request.data)
        sent.is_valid(raise_exception=True)
        user = caller(request)
        asked = {"email": user.email or "", **sent.validated_data}
        payment = payments.start(owner_id=user.pk, language=(get_language() or user.language)[:2], **asked)
        return Response(shown(reads.payments_of(user.pk).get(pk=payment.pk)), status=201)


def _mine(request: Request, payment_id: UUID) -> Payment:
    payment = reads.payments_of(caller(request).pk).filter(pk=payment_id).first()
    if payment is None:
        raise NotFound
    return payment


class PaymentApi(APIView):
    @extend_schema(
        operation_id="payment",
        tags=["payments"],
        summary="One payment",
        description="With what of it can be returned now, and why.",
        responses=schemas.OnePaymentOutput,
        examples=[schemas.ONE_PAYMENT_OUT],
    )
    def get(self, request: Request, payment_id: UUID) -> Response:
        return Response(shown_one(_mine(request, payment_id)))


class CheckApi(APIView):
    scopes = {"POST": "billing"}

    @extend_schema(
        operation_id="payment_check",
        tags=["payments"],
        summary="I paid but got nothing",
        description="Asks the gateway at once. Asking again within seconds answers from our own books.",
        request=None,
        responses=schemas.OnePaymentOutput,
        examples=[schemas.ONE_PAYMENT_OUT],
    )
    def post(self, request: Request, payment_id: UUID) -> Response:
        payment_polls.check(_mine(request, payment_id))
        return Response(shown_one(_mine(request, payment_id)))


class RefundRequestApi(APIView):
    scopes = {"POST": "billing"}

    @extend_schema(
        operation_id="payment_refund_request",
        tags=["payments"],
        summary="Ask for the return of the unused part",
        description=(
            "Its tokens are set aside at once and come back if the refund does not take place. "
            "`GET /payments/{id}` says before what can be returned, and why."
        ),
        request=schemas.RefundRequestInput,
        responses={201: schemas.RefundOutput},
        examples=[schemas.REFUND_IN, schemas.REFUND_OUT],
    )
    def post(self, request: Request, payment_id: UUID) -> Response:
        _mine(request, payment_id)
        sent = schemas.RefundRequestInput(data=request.data)
        sent.is_valid(raise_exception=True)
        refund = refunds.request(
            owner_id=caller(request).pk, payment_id=payment_id, reason=sent.validated_data["reason"]
        )
        return Response(shown_refund(refund), status=201)


class VoucherApi(APIView):
    people_only = True
    rate_limit = "sign_in"

    @extend_schema(
        operation_id="voucher_redeem",
        tags=["wallet"],
        summary="Redeem a voucher",
        description="Adds its bonus tokens, once.",
        request=schemas.VoucherInput,
        responses=schemas.VoucherOutput,
        examples=[schemas.VOUCHER_IN, schemas.VOUCHER_OUT],
    )
    def post(self, request: Request) -> Response:
        sent = schemas.VoucherInput(data=request.data)
        sent.is_valid(raise_exception=True)
        tokens = vouchers.redeem(owner_id=caller(request).pk, code=sent.validated_data["code"])
        return Response({"tokens": tokens})


class AlertApi(APIView):
    people_only = True

    @extend_schema(
        operation_id="wallet_alert",
        tags=["wallet"],
        summary="When you are told that tokens run out",
        responses=schemas.AlertSetting,
        examples=[schemas.ALERT],
    )
    def get(self, request: Request) -> Response:
        return Response(_alert(request))

    @extend_schema(
        operation_id="wallet_alert_set",
        tags=["wallet"],
        summary="Be told when tokens run out",
        description="Once, when fewer than `below` tokens are available; again after there were more.",
        request=schemas.AlertSetting,
        responses=schemas.AlertSetting,
        examples=[schemas.ALERT],
    )
    def put(self, request: Request) -> Response:
        sent = schemas.AlertSetting(data=request.data)
        sent.is_valid(raise_exception=True)
        low_balance.set_alert(owner_id=caller(request).pk, below=sent.validated_data["below"])
        return Response(_alert(request))


def _alert(request: Request) -> dict[str, int | None]:
    own = LowBalanceAlert.objects.filter(wallet__owner_id=caller(request).pk)
    return {"below": own.values_list("below", flat=True).first()}
