"""YooKassa, API v3, through the official package `yookassa` 3.13 with a transport of our own.

Written after yookassa.ru/developers (using-api, payment-acceptance, 54fz), read in November 2026. Notifications are
not signed: only the numbers in them are used, and the API is asked. The package keeps its credentials as state of the
process, has no timeouts, and logs its Authorization header; see `client`. Not written in the documentation: the upper
limit for cards today, and whether chargebacks are announced.
"""
