from django.urls import path

from billing.api import statements, wallet

urlpatterns = [
    path("balance", wallet.BalanceApi.as_view()),
    path("ledger", wallet.LedgerApi.as_view()),
    path("ledger/statement", statements.StatementApi.as_view()),
    path("ledger/verify_statement.py", statements.VerifierApi.as_view(), name="ledger-verifier"),
    path("wallet/caps", wallet.CapsApi.as_view()),
]
