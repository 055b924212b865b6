"""T-Bank internet acquiring, API v2.

Written after "Приём платежей", OpenAPI 1.80 (September 2025), and developer.tbank.ru/eacq (Init, Cancel, GetState,
CheckOrder, token, notifications), read in November 2026. Not written there, and so not relied on: what Amount means in
PARTIAL_REFUNDED, whether notifications repeat after the first day, and whether CONFIRMED may follow REJECTED.
"""
