"""What runs periodically. Every job of it may run twice, late or never: sweeps find what was left."""

from typing import Any

from celery.schedules import crontab

CELERY_BEAT_SCHEDULE: dict[str, Any] = {
    "accounts.forget_old": {"task": "accounts.forget_old", "schedule": crontab(minute="17")},
    "billing.begin_due": {"task": "billing.begin_due", "schedule": 5.0, "options": {"expires": 15}},
    "billing.begin_reconciliation": {"task": "billing.begin_reconciliation", "schedule": crontab(hour="5", minute="7")},
    "billing.close_prepayments": {"task": "billing.close_prepayments", "schedule": crontab(hour="1", minute="13")},
    "billing.forget_refused": {"task": "billing.forget_refused", "schedule": crontab(hour="3", minute="37")},
    "billing.tell_low_balances": {"task": "billing.tell_low_balances", "schedule": 30.0, "options": {"expires": 25}},
    "accounts.store_api_calls": {"task": "accounts.store_api_calls", "schedule": 5.0, "options": {"expires": 15}},
    "core.sweep": {"task": "core.sweep", "schedule": 2.0, "options": {"expires": 6}},
    "generations.check_books": {"task": "generations.check_books", "schedule": crontab(hour="4", minute="23")},
    "generations.clear_spools": {"task": "generations.clear_spools", "schedule": crontab(minute="41")},
    "legal.expire_exports": {"task": "legal.expire_exports", "schedule": crontab(minute="11,41")},
    "legal.retention": {"task": "legal.retention", "schedule": crontab(hour="2", minute="40")},
    "legal.start_erasures": {"task": "legal.start_erasures", "schedule": crontab(minute="*/15")},
    "generations.poll_due": {"task": "generations.poll_due", "schedule": 1.0, "options": {"expires": 5}},
    "generations.sweep": {"task": "generations.sweep", "schedule": 5.0, "options": {"expires": 15}},
    "providers.probe_due": {"task": "providers.probe_due", "schedule": 10.0, "options": {"expires": 30}},
    "providers.read_balances": {"task": "providers.read_balances", "schedule": 600.0, "options": {"expires": 300}},
}
