"""Robokassa: payment page, ResultURL, OpStateExt and refunds.

Written after docs.robokassa.ru (pay-interface, script-parameters, notifications-and-redirects, testing-mode,
fiscalization, refund-api) and the official modules robokassa/sdk-php and robokassa/cms-wordpress (April 2026), read in
November 2026. Not written there: when a ResultURL is repeated, and what verifies the second channel ResultUrl2, which
is therefore not used. Test payments have no state to ask for and no refunds.
"""
