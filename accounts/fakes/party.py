"""What all six providers have in common: the page of consent, codes that work once, tokens, and faults on demand.

Faults, each used up by the next answer that it fits:
at the authorize page: `error` (comes back with `server_error`), `payload` (VK: all parameters in one);
at the token address: `expired_code`, `error_200` (an error body with status 200), `not_json`, `no_token`;
at the profile: `profile_error_200`, `profile_500`, `missing_fields`; anywhere server to server: `hang_up`.
"""

import base64
import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlencode

from accounts.fakes import consent_page, credentials
from accounts.fakes.people import EVERYBODY, Person, picture
from accounts.fakes.wire import Answer, Call

CODE_SECONDS = 60
Route = Callable[[Call], Answer | None]


@dataclass
class Grant:
    """What a code, and later a token, stands for."""

    person: Person
    redirect_uri: str
    challenge: str
    nonce: str
    made_at: float
    is_used: bool = False


class Party:
    """An OAuth 2.0 provider. Subclasses name their addresses and shape their answers."""

    slug: ClassVar[str]
    name: ClassVar[str]
    authorize_path: ClassVar[str]
    token_path: ClassVar[str]
    client_parameter: ClassVar[str] = "client_id"
    needs_pkce: ClassVar[bool] = False

    def __init__(self, base_url: str) -> None:
        self.base_url = f"{base_url}/{self.slug}"
        self.client_id, self.client_secret = credentials(self.slug)
        self.faults: list[str] = []
        self.grants: dict[str, Grant] = {}
        self.tokens: dict[str, Grant] = {}
        # Changes what a profile says; tests put fields here.
        self.changes: dict[str, Any] = {}

    def forget(self) -> None:
        self.faults.clear()
        self.grants.clear()
        self.tokens.clear()
        self.changes.clear()

    def routes(self) -> dict[tuple[str, str], Route]:
        return {
            ("GET", self.authorize_path): self.authorize,
            ("POST", "/decide"): self.decide,
            ("POST", self.token_path): self.token,
        }

    def answer(self, path: str, call: Call) -> Answer | None:
        if path.startswith("/pictures/"):
            return self.pictures(path)
        route = self.routes().get((call.method, path))
        return route(call) if route else Answer(404, {"error": "not_found"})

    def fault(self, *names: str) -> str:
        """The first of these faults that is waiting, taken off the list; empty when none is."""
        found = next((name for name in names if name in self.faults), "")
        if found:
            self.faults.remove(found)
        return found

    # --- the browser's part ---------------------------------------------------------------------
    def authorize(self, call: Call) -> Answer:
        query = call.query
        if query.get(self.client_parameter) != self.client_id or query.get("response_type") != "code":
            return Answer(400, "unknown application")
        if "redirect_uri" not in query:
            return Answer(400, "no redirect_uri")
        return Answer(200, consent_page.render(self.name, call.language, query, f"{self.base_url}/decide"))

    def decide(self, call: Call) -> Answer:
        form = call.form
        state = {"state": form["state"]} if "state" in form else {}
        if self.fault("error"):
            return self._back(form["redirect_uri"], {"error": "server_error", **state})
        person = EVERYBODY.get(form.get("person", ""))
        if person is None:
            return self._back(form["redirect_uri"], {"error": "access_denied", **state})
        code = secrets.token_urlsafe(24)
        self.grants[code] = Grant(
            person,
            form["redirect_uri"],
            form.get("code_challenge", ""),
            form.get("nonce", ""),
            time.time() - (2 * CODE_SECONDS if self.fault("expired_code") else 0),
        )
        return self._back(form["redirect_uri"], self.callback({"code": code, **state}))

    def callback(self, parameters: dict[str, str]) -> dict[str, str]:
        return parameters

    def _back(self, redirect_uri: str, parameters: dict[str, str]) -> Answer:
        return Answer(302, b"", {"Location": f"{redirect_uri}?{urlencode(parameters)}"})

    # --- server to server -----------------------------------------------------------------------
    def token(self, call: Call) -> Answer | None:
        match self.fault("hang_up", "error_200", "not_json", "no_token"):
            case "hang_up":
                return None
            case "error_200":
                return Answer(200, {"error": "invalid_grant", "error_description": "no"})
            case "not_json":
                return Answer(200, "<html>maintenance</html>", mime="application/json")
            case "no_token":
                return Answer(200, {"access_token": None, "expires_in": "soon"})
        refusal = self.refusal(call)
        if refusal:
            return self.token_error(refusal)
        grant = self.grants[call.form["code"]]
        grant.is_used = True
        token = secrets.token_urlsafe(24)
        self.tokens[token] = grant
        return Answer(200, self.token_body(token, grant))

    def refusal(self, call: Call) -> str:
        """Why a code cannot be exchanged; empty when it can. Codes work once, for a minute, with their proof key."""
        form = call.form
        if self.client(call) != (self.client_id, self.client_secret):
            return "invalid_client"
        grant = self.grants.get(form.get("code", ""))
        if grant is None or grant.is_used or time.time() - grant.made_at > CODE_SECONDS:
            return "invalid_grant"
        if form.get("redirect_uri") != grant.redirect_uri or form.get("grant_type") != "authorization_code":
            return "invalid_grant"
        if self.needs_pkce and not grant.challenge:
            return "invalid_request"
        if grant.challenge and challenge_of(form.get("code_verifier", "")) != grant.challenge:
            return "invalid_grant"
        return ""

    def client(self, call: Call) -> tuple[str, str]:
        return call.form.get(self.client_parameter, ""), call.form.get("client_secret", "")

    def token_error(self, code: str) -> Answer:
        return Answer(400, {"error": code})

    def token_body(self, token: str, grant: Grant) -> dict[str, Any]:
        return {"access_token": token, "token_type": "bearer", "expires_in": 3600}

    def profile_of(self, token: str, shape: Callable[[Person], dict[str, Any]]) -> Answer | None:
        """The profile of the person whom `token` stands for."""
        match self.fault("hang_up", "profile_500", "profile_error_200", "missing_fields"):
            case "hang_up":
                return None
            case "profile_500":
                return Answer(500, {"error": "internal"})
            case "profile_error_200":
                return Answer(200, self.profile_error())
            case "missing_fields":
                return Answer(200, {})
        grant = self.tokens.get(token)
        return Answer(200, self.changed(shape(grant.person))) if grant else Answer(401, self.profile_error())

    def profile_error(self) -> dict[str, Any]:
        return {"error": "invalid_token"}

    def changed(self, profile: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in {**profile, **self.changes}.items() if value is not None}

    # --- pictures -------------------------------------------------------------------------------
    def picture_url(self, person: Person) -> str:
        return f"{self.base_url}/pictures/{person.key}.png"

    def pictures(self, path: str) -> Answer:
        person = EVERYBODY.get(path.removeprefix("/pictures/").partition(".")[0])
        return Answer(200, picture(person)) if person else Answer(404, b"")


def challenge_of(verifier: str) -> str:
    """RFC 7636, method S256."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
