"""Stripe Checkout through the official package `stripe` 16.1 (API version 2026-10-28.endive).

Written after docs.stripe.com (webhooks, checkout sessions, refunds, disputes, idempotent requests, currencies), read in
November 2026. Amounts are whole minor units; several events may tell of one fact, in any order, more than once.
Russian cards are refused there. Whether roubles are still a price currency is not confirmed, so they are not offered.
"""
