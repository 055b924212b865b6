"""CryptoCloud, API v2: invoices and postbacks.

Written after docs.cryptocloud.plus (create-invoice, invoice-information, invoice-list, cancel-invoice, postback,
test-integration) and support.cryptocloud.plus (statuses, partial payments), read in November 2026. A postback's token
proves who sent it and nothing of what it says, so the API is asked. Not written there: how often postbacks are
repeated, from where, and which answer is expected. There are no refunds by call.
"""
