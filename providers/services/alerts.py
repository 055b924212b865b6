"""Telling staff by e-mail that a provider was taken out."""

from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse

from providers.models import ProviderHealth


def tell_staff(provider: str, reason: str) -> None:
    """Write to `STAFF_ALERT_EMAILS`, if there are any, unless the provider is back already."""
    row = ProviderHealth.objects.filter(provider=provider, reason=reason).first()
    if row is None or not settings.STAFF_ALERT_EMAILS:
        return
    link = settings.SITE_URL + reverse("admin:providers_providerhealth_change", args=[row.pk])
    send_mail(
        subject=f"NeuralBox: {provider} gets no work ({row.get_reason_display()})",
        message=(
            f"{provider} was taken out at {row.since:%Y-%m-%d %H:%M} UTC: {row.get_reason_display()}.\n"
            f"It said: {row.detail or '—'}\n\n"
            f"Work goes to other providers where there are any. It is probed again by itself.\n{link}\n"
        ),
        from_email=settings.DEFAULT_FROM_EMAIL,
        recipient_list=settings.STAFF_ALERT_EMAILS,
    )
