"""Vouchers: codes that give bonus tokens once."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from accounts.services import freezes
from billing.errors import UnusableCode
from billing.models import Voucher, Wallet
from billing.services import bonuses, products


@transaction.atomic
def redeem(*, owner_id: UUID, code: str) -> int:
    """Add the voucher's bonus tokens to the owner's wallet; returns how many.

    Raises AccountFrozen, and UnusableCode for a code that is wrong, used, expired or ended: which of them is told to
    nobody.
    """
    freezes.refuse_if_frozen(owner_id)
    voucher = Voucher.objects.select_related("batch").filter(digest=products.digest(code)).first()
    now = timezone.now()
    if voucher is None or not voucher.batch.is_active or (voucher.batch.expires_at and voucher.batch.expires_at <= now):
        raise UnusableCode
    wallet = Wallet.objects.get(owner_id=owner_id)
    if not Voucher.objects.filter(pk=voucher.pk, redeemed_by=None).update(redeemed_by=wallet, redeemed_at=now):
        raise UnusableCode
    bonuses.grant(
        wallet_id=wallet.pk,
        amount=voucher.batch.tokens,
        reference=f"voucher:{voucher.pk}",
        description=gettext_noop("Voucher"),
    )
    return voucher.batch.tokens
