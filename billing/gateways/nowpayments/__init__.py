"""NOWPayments: invoices, payments and IPN.

Written after its API documentation (Postman documenter, production and sandbox), its help centre's article on IPN and
the official NowPaymentsIO/nowpayments-sdk-nodejs (May 2026), read in November 2026. Not written there: whether arrays
enter the signature as arrays, what is told after `expired`, and how often an IPN is repeated when nobody set it.
Refunds are payouts by hand: they need a second factor that no server should hold.
"""
