"""How the admin looks and how its sidebar is arranged: by what people come for, not by app."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

_PAYMENTS = reverse_lazy("admin:billing_payment_changelist")
_REVENUE = reverse_lazy("admin:billing_payment_revenue")


def _allowed(permission: str) -> Callable[[HttpRequest], bool]:
    return lambda request: bool(request.user.has_perm(permission))


def _is_below(request: HttpRequest, page: Any) -> bool:
    return request.path.startswith(str(page))


def _item(title: Any, icon: str, page: str) -> dict[str, Any]:
    """A list in the sidebar, for who may see its rows. `page` is `app_model`."""
    app, model = page.split("_")
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{page}_changelist"),
        "permission": _allowed(f"{app}.view_{model}"),
    }


def _group(title: Any, *items: dict[str, Any]) -> dict[str, Any]:
    return {"title": title, "separator": True, "items": list(items)}


def _icon(_request: HttpRequest) -> str:
    return static("img/mark.svg")


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "NeuralBox",
    "SITE_HEADER": "NeuralBox",
    "SITE_SUBHEADER": _("Back office"),
    "SITE_URL": "/",
    "SITE_ICON": _icon,
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _icon}],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "DASHBOARD_CALLBACK": "generations.admin.dashboard.dashboard",
    "STYLES": [lambda _request: static("css/back-office.css")],
    "COLORS": {
        "base": {
            "50": "oklch(98.4% .0045 84)",
            "100": "oklch(95.7% .006 82)",
            "200": "oklch(89.7% .008 80)",
            "300": "oklch(83% .01 80)",
            "400": "oklch(72% .012 78)",
            "500": "oklch(56% .013 76)",
            "600": "oklch(45.5% .014 74)",
            "700": "oklch(36% .013 74)",
            "800": "oklch(28% .012 74)",
            "900": "oklch(21.5% .01 74)",
            "950": "oklch(16.5% .008 74)",
        },
        "primary": {
            "50": "oklch(97.5% .012 178)",
            "100": "oklch(94.5% .024 178)",
            "200": "oklch(88% .04 179)",
            "300": "oklch(80% .055 179)",
            "400": "oklch(73% .08 180)",
            "500": "oklch(60% .09 181)",
            "600": "oklch(46.8% .082 181)",
            "700": "oklch(40.5% .074 183)",
            "800": "oklch(35% .064 184)",
            "900": "oklch(30% .053 185)",
            "950": "oklch(22% .04 186)",
        },
    },
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": [
            {
                "items": [
                    {"title": _("Overview"), "icon": "monitoring", "link": reverse_lazy("admin:index")},
                ]
            },
            _group(
                _("Support"),
                _item(_("People"), "group", "accounts_user"),
                _item(_("Messages to support"), "support_agent", "accounts_supportmessage"),
                _item(_("Generations"), "auto_awesome", "generations_generation"),
                _item(_("Uploads"), "upload_file", "generations_upload"),
                _item(_("API keys"), "key", "accounts_apikey"),
                _item(_("Notices"), "notifications", "accounts_notice"),
            ),
            _group(
                _("Catalogue"),
                _item(_("Models"), "category", "generations_model"),
                _item(_("Versions and prices"), "sell", "generations_modelversion"),
                _item(_("Proposed prices"), "approval", "generations_priceproposal"),
            ),
            _group(
                _("Money"),
                _item(_("Wallets"), "account_balance_wallet", "billing_wallet"),
                _item(_("Journal"), "menu_book", "billing_journalentry"),
                _item(_("Holds"), "lock_clock", "billing_hold"),
                _item(_("Corrections"), "balance", "billing_correction"),
                {
                    "title": _("Revenue"),
                    "icon": "monitoring",
                    "link": _REVENUE,
                    "permission": _allowed("billing.see_revenue"),
                },
                {
                    **_item(_("Payments"), "payments", "billing_payment"),
                    # The page of revenue is below this one and has a line of its own.
                    "active": lambda request: _is_below(request, _PAYMENTS) and not _is_below(request, _REVENUE),
                },
                _item(_("Refunds"), "undo", "billing_refund"),
                _item(_("Disputes"), "gavel", "billing_dispute"),
                _item(_("Review queue"), "rule", "billing_reviewcase"),
                _item(_("Reconciliation"), "compare_arrows", "billing_reconciliationrun"),
                _item(_("Notifications of gateways"), "call_received", "billing_paymentnotification"),
                _item(_("Receipts"), "receipt_long", "billing_receipt"),
            ),
            _group(
                _("Shop"),
                _item(_("Packages"), "inventory_2", "billing_package"),
                _item(_("Free amounts"), "price_change", "billing_tokenrate"),
                _item(_("Promo codes"), "percent", "billing_promocode"),
                _item(_("Vouchers"), "redeem", "billing_voucherbatch"),
            ),
            _group(
                _("Privacy"),
                _item(_("Deletion requests"), "person_remove", "legal_deletionrequest"),
                _item(_("Letters about data"), "mark_email_unread", "legal_privacyrequest"),
                _item(_("Disclosures"), "gavel", "legal_disclosure"),
                _item(_("Legal holds"), "front_hand", "legal_legalhold"),
                _item(_("Documents"), "description", "legal_document"),
                _item(_("Versions of documents"), "history_edu", "legal_documentversion"),
                _item(_("Consents"), "handshake", "legal_consent"),
                _item(_("Exports"), "folder_zip", "legal_export"),
                _item(_("Retention rules"), "rule", "legal_retentionrule"),
                _item(_("Retention runs"), "auto_delete", "legal_retentionrun"),
                _item(_("Warnings before a purge"), "campaign", "legal_retentionwarning"),
            ),
            _group(
                _("Operations"),
                _item(_("Providers"), "hub", "providers_providerhealth"),
                _item(_("Provider tasks"), "dns", "generations_providertask"),
                _item(_("Webhooks sent"), "webhook", "generations_outgoingwebhook"),
                _item(_("Background jobs"), "manufacturing", "core_job"),
                _item(_("Access log"), "visibility", "generations_contentaccess"),
                _item(_("Looks at accounts"), "visibility", "accounts_staffview"),
                _item(_("Security events"), "shield", "accounts_securityevent"),
                _item(_("Audit trail"), "history", "auditlog_logentry"),
                _item(_("Roles"), "badge", "auth_group"),
            ),
        ],
    },
}
