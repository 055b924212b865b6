"""Payment gateways: one without its keys is not offered, half of them is an error of `manage.py check`."""

from neuralbox.settings.env import env

TBANK_TERMINAL_KEY = env.str("TBANK_TERMINAL_KEY", "")
TBANK_PASSWORD = env.secret("TBANK_PASSWORD")
TBANK_BASE_URL = env.str("TBANK_BASE_URL", "https://securepay.tinkoff.ru")
ROBOKASSA_MERCHANT_LOGIN = env.str("ROBOKASSA_MERCHANT_LOGIN", "")
ROBOKASSA_PASSWORD_1 = env.secret("ROBOKASSA_PASSWORD_1")
ROBOKASSA_PASSWORD_2 = env.secret("ROBOKASSA_PASSWORD_2")
ROBOKASSA_PASSWORD_3 = env.secret("ROBOKASSA_PASSWORD_3")
ROBOKASSA_HASH = env.str("ROBOKASSA_HASH", "sha256").lower()
ROBOKASSA_TEST = env.bool("ROBOKASSA_TEST", False)
ROBOKASSA_BASE_URL = env.str("ROBOKASSA_BASE_URL", "https://auth.robokassa.ru")
ROBOKASSA_SERVICES_URL = env.str("ROBOKASSA_SERVICES_URL", "https://services.robokassa.ru")
ROBOKASSA_FISCAL_URL = env.str("ROBOKASSA_FISCAL_URL", "https://ws.roboxchange.com")
YOOKASSA_SHOP_ID = env.str("YOOKASSA_SHOP_ID", "")
YOOKASSA_SECRET_KEY = env.secret("YOOKASSA_SECRET_KEY")
YOOKASSA_BASE_URL = env.str("YOOKASSA_BASE_URL", "https://api.yookassa.ru")
STRIPE_SECRET_KEY = env.secret("STRIPE_SECRET_KEY")
STRIPE_WEBHOOK_SECRET = env.secret("STRIPE_WEBHOOK_SECRET")
STRIPE_BASE_URL = env.str("STRIPE_BASE_URL", "https://api.stripe.com")
CRYPTOCLOUD_API_KEY = env.secret("CRYPTOCLOUD_API_KEY")
CRYPTOCLOUD_SHOP_ID = env.str("CRYPTOCLOUD_SHOP_ID", "")
CRYPTOCLOUD_SECRET_KEY = env.secret("CRYPTOCLOUD_SECRET_KEY")
CRYPTOCLOUD_TEST = env.bool("CRYPTOCLOUD_TEST", False)
CRYPTOCLOUD_BASE_URL = env.str("CRYPTOCLOUD_BASE_URL", "https://api.cryptocloud.plus")
NOWPAYMENTS_API_KEY = env.secret("NOWPAYMENTS_API_KEY")
NOWPAYMENTS_IPN_SECRET = env.secret("NOWPAYMENTS_IPN_SECRET")
NOWPAYMENTS_BASE_URL = env.str("NOWPAYMENTS_BASE_URL", "https://api.nowpayments.io")
# Only their list of payments asks for these two: reconciliation, and payments whose notification never came.
NOWPAYMENTS_EMAIL = env.str("NOWPAYMENTS_EMAIL", "")
NOWPAYMENTS_PASSWORD = env.secret("NOWPAYMENTS_PASSWORD")
# The demonstration gateway. `local` names its address; anywhere else a check refuses it.
SANDBOX_BASE_URL = env.str("SANDBOX_BASE_URL", "")
SANDBOX_SECRET = env.secret("SANDBOX_SECRET", "sandbox-secret-of-local-mode")
# Networks that notifications may come from. YooKassa signs none, so its list is needed; the others' are a second wall.
TBANK_NETWORKS: list[str] = env.list("TBANK_NETWORKS", [])
ROBOKASSA_NETWORKS: list[str] = env.list("ROBOKASSA_NETWORKS", [])
NOWPAYMENTS_NETWORKS: list[str] = env.list("NOWPAYMENTS_NETWORKS", [])
YOOKASSA_NETWORKS: list[str] = env.list(
    "YOOKASSA_NETWORKS",
    [
        "185.71.76.0/27",
        "185.71.77.0/27",
        "77.75.153.0/25",
        "77.75.154.128/25",
        "77.75.156.11/32",
        "77.75.156.35/32",
        "2a02:5180::/32",
    ],
)
# Fiscal receipts (54-FZ), in the words of `billing/gateways/receipts.py`: the operator's accountant decides.
# Without a tax system no receipts are asked for.
FISCAL_TAX_SYSTEM = env.str("FISCAL_TAX_SYSTEM", "")
FISCAL_VAT_CODE = env.str("FISCAL_VAT_CODE", "")
FISCAL_EMAIL = env.str("FISCAL_EMAIL", "")
FISCAL_PAYMENT_SUBJECT = env.str("FISCAL_PAYMENT_SUBJECT", "service")
FISCAL_PAYMENT_METHOD = env.str("FISCAL_PAYMENT_METHOD", "full_prepayment")
# Closing receipts of prepaid tokens: when they are made (daily, monthly, spent, never), and what they say. No rate: the
# plain one of the payment's calculated rate.
FISCAL_CLOSING = env.str("FISCAL_CLOSING", "daily")
FISCAL_CLOSING_VAT_CODE = env.str("FISCAL_CLOSING_VAT_CODE", "")
FISCAL_CLOSING_SUBJECT = env.str("FISCAL_CLOSING_SUBJECT", "service")
