"""Doors to one's own wallet: balance, ledger, caps."""

from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import caller
from billing import selectors
from billing.api import schemas
from billing.models import JournalEntry
from billing.services import spend_caps
from billing.statements import title
from neuralbox.core.pagination import CursorPages


class BalanceApi(APIView):
    @extend_schema(
        operation_id="balance",
        tags=["wallet"],
        summary="Your balance",
        description="In tokens.",
        responses=schemas.WalletBalanceOutput,
        examples=[schemas.BALANCE],
    )
    def get(self, request: Request) -> Response:
        return Response(asdict(selectors.balance(caller(request).pk)))


class LedgerPages(CursorPages):
    ordering: Any = ("-sequence",)


class LedgerApi(ListAPIView):
    serializer_class = schemas.EntryOutput
    pagination_class = LedgerPages

    def get_queryset(self) -> QuerySet[JournalEntry]:
        sent = schemas.LedgerQuery(data=self.request.query_params)
        sent.is_valid(raise_exception=True)
        wanted = sent.validated_data
        return selectors.entries(
            caller(self.request).pk,
            kinds=wanted.get("kind"),
            since=wanted.get("created_after"),
            until=wanted.get("created_before"),
        )

    @extend_schema(
        operation_id="ledger_list",
        tags=["wallet"],
        summary="Your ledger",
        description="Every movement of your tokens, newest first.",
        parameters=[schemas.LedgerQuery],
        responses=schemas.EntryOutput(many=True),
        examples=[schemas.ENTRY],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response([_shown(entry) for entry in page])


def _shown(entry: JournalEntry) -> dict[str, Any]:
    change = entry.paid + entry.bonus
    return {
        "sequence": entry.sequence,
        "kind": entry.kind,
        "amount": -entry.revenue if entry.kind == JournalEntry.Kind.CAPTURE else change,
        "available_change": change,
        "held_change": entry.held,
        "balance_after": entry.available_after,
        "held_after": entry.held_after,
        "description": title(entry),
        "reference": entry.reference,
        "created_at": entry.created_at,
    }


class CapsApi(APIView):
    people_only = True

    @extend_schema(
        operation_id="wallet_caps",
        tags=["wallet"],
        summary="Your spending limits",
        description="Limits of the whole wallet, whoever spends. API keys have limits of their own beside them.",
        responses=schemas.WalletCapsOutput,
        examples=[schemas.CAPS_OUT],
    )
    def get(self, request: Request) -> Response:
        return Response(_caps(request))

    @extend_schema(
        operation_id="wallet_caps_replace",
        tags=["wallet"],
        summary="Set your spending limits",
        description="Replaces all of them. What was spent in the present window counts at once.",
        request=schemas.WalletCapsInput,
        responses=schemas.WalletCapsOutput,
        examples=[schemas.CAPS_IN, schemas.CAPS_OUT],
    )
    def put(self, request: Request) -> Response:
        sent = schemas.WalletCapsInput(data=request.data)
        sent.is_valid(raise_exception=True)
        limits = {window: limit for window, limit in sent.validated_data.items() if limit is not None}
        spend_caps.replace(owner_id=caller(request).pk, caps=limits)
        return Response(_caps(request))


def _caps(request: Request) -> dict[str, Any]:
    return {window: cap and asdict(cap) for window, cap in selectors.caps(caller(request).pk).items()}
