from django.urls import path

from billing.api import payments, statements, wallet

urlpatterns = [
    path("balance", wallet.BalanceApi.as_view()),
    path("ledger", wallet.LedgerApi.as_view()),
    path("ledger/statement", statements.StatementApi.as_view()),
    path("ledger/verify_statement.py", statements.VerifierApi.as_view(), name="ledger-verifier"),
    path("wallet/caps", wallet.CapsApi.as_view()),
    path("wallet/alert", payments.AlertApi.as_view()),
    path("wallet/vouchers", payments.VoucherApi.as_view()),
    path("packages", payments.PackagesApi.as_view()),
    path("gateways", payments.GatewaysApi.as_view()),
    path("payments", payments.PaymentsApi.as_view()),
    path("payments/<uuid:payment_id>", payments.PaymentApi.as_view()),
    path("payments/<uuid:payment_id>/check", payments.CheckApi.as_view()),
    path("payments/<uuid:payment_id>/refund-request", payments.RefundRequestApi.as_view()),
]
