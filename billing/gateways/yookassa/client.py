"""The official package's client with credentials of its own, our session and our timeouts. It logs nothing."""

from collections.abc import Mapping
from http import HTTPStatus

from yookassa.client import ApiClient
from yookassa.domain.common import RequestObject

from billing.gateways import masking
from billing.gateways.calls import Calls, Message, read
from billing.gateways.errors import Blame, GatewayRefused, GatewayUnavailable, OutcomeUnknown


class Refusal(Message):
    code: str = ""
    description: str = ""
    parameter: str = ""


class Client(ApiClient):
    """Requests are the package's, and were validated by it; answers are returned as they came, as dictionaries."""

    def __init__(self, calls: Calls, base_url: str, shop_id: str, secret_key: str) -> None:
        # The package's own __init__ reads credentials that belong to the whole process.
        self._calls = calls
        self.endpoint = base_url
        self._authorization = self.basic_auth(shop_id, secret_key)

    def request(
        self,
        method: str = "",
        path: str = "",
        query_params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: RequestObject | None = None,
    ) -> bytes:
        """The body of a 200. Raises GatewayUnavailable, OutcomeUnknown (a POST only), GatewayRefused."""
        message = None
        if body is not None:
            message = {name: value for name, value in dict(body).items() if value != []}
        is_change = method.upper() != "GET"
        call = self._calls.change if is_change else self._calls.ask
        answer = call(
            method.upper(),
            self.endpoint + path,
            params=query_params,
            json=message,
            headers={"Authorization": self._authorization, **(headers or {})},
        )
        lost = OutcomeUnknown if is_change else GatewayUnavailable
        if answer.status_code == HTTPStatus.OK:
            return answer.content
        if answer.status_code < HTTPStatus.BAD_REQUEST:
            # 202: accepted and not done; the same key again tells more.
            raise lost(f"YooKassa answered {answer.status_code}")
        refusal = read(Refusal, answer, broken=lost)
        raise GatewayRefused(
            refusal.code or str(answer.status_code),
            masking.text(f"{refusal.description} {refusal.parameter}".strip()),
            Blame.LIMIT if refusal.parameter.startswith("amount") else Blame.STAFF,
        )
