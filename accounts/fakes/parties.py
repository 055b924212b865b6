"""The six providers: each with its own addresses, its own names and its own way to say no."""

import json
import time
from typing import Any, ClassVar
from urllib.parse import urlencode

from accounts.fakes.keys import SigningKey
from accounts.fakes.party import Grant, Party, Route
from accounts.fakes.people import Person
from accounts.fakes.wire import Answer, Call


class Google(Party):
    slug, name = "google", "Google"
    authorize_path, token_path = "/o/oauth2/v2/auth", "/token"
    key: ClassVar = SigningKey("google-1")

    def routes(self) -> dict[tuple[str, str], Route]:
        return {
            **super().routes(),
            ("GET", "/oauth2/v2/userinfo"): lambda call: self.profile_of(call.token("Bearer"), self.userinfo),
            ("GET", "/oauth2/v1/certs"): lambda _call: Answer(200, self.key.certificates()),
        }

    def token_body(self, token: str, grant: Grant) -> dict[str, Any]:
        body = super().token_body(token, grant) | {"scope": "openid email profile"}
        if self.fault("no_id_token"):
            return body
        claims = {} if self.fault("missing_fields") else self.claims(grant.person)
        return body | {"id_token": self.key.sign(claims | self.envelope())}

    def envelope(self) -> dict[str, Any]:
        now = int(time.time())
        return {"iss": "https://accounts.google.com", "aud": self.client_id, "iat": now, "exp": now + 3600}

    def claims(self, person: Person) -> dict[str, Any]:
        return self.changed(
            {
                "sub": f"1{person.number:020}",
                "azp": self.client_id,
                "email": person.email or None,
                "email_verified": True if person.email else None,
                "name": person.name,
                "given_name": person.first_name,
                "family_name": person.last_name,
                "picture": self.picture_url(person),
                "locale": "en",
            }
        )

    def userinfo(self, person: Person) -> dict[str, Any]:
        claims = self.claims(person)
        return {"id": claims.pop("sub"), "verified_email": claims.pop("email_verified", None), **claims}


class Yandex(Party):
    slug, name = "yandex", "Яндекс"
    authorize_path, token_path = "/authorize", "/token"

    def routes(self) -> dict[tuple[str, str], Route]:
        return {
            **super().routes(),
            ("GET", "/info"): lambda call: self.profile_of(call.token("OAuth"), self.info),
        }

    def answer(self, path: str, call: Call) -> Answer | None:
        if path.startswith("/get-yapic/"):
            return self.pictures(f"/pictures/{path.split('/')[2]}.png")
        return super().answer(path, call)

    def info(self, person: Person) -> dict[str, Any]:
        return {
            "id": str(person.number),
            "login": person.key,
            "client_id": self.client_id,
            "psuid": f"1.{person.number}",
            "display_name": person.key,
            "real_name": person.name,
            "first_name": person.first_name,
            "last_name": person.last_name,
            "sex": "female",
            "birthday": "1990-01-01",
            "default_email": person.email,
            "emails": [person.email] if person.email else [],
            "default_avatar_id": person.key,
            "is_avatar_empty": False,
        }


class Vk(Party):
    slug, name = "vk", "VK ID"
    authorize_path, token_path = "/authorize", "/oauth2/auth"
    needs_pkce = True

    def routes(self) -> dict[tuple[str, str], Route]:
        return {**super().routes(), ("POST", "/oauth2/user_info"): self.user_info}

    def authorize(self, call: Call) -> Answer:
        if len(call.query.get("state", "")) < 32 or call.query.get("code_challenge_method", "").upper() != "S256":
            return Answer(400, "invalid_request")
        return super().authorize(call)

    def callback(self, parameters: dict[str, str]) -> dict[str, str]:
        more = {**parameters, "type": "code_v2", "device_id": "device-1", "expires_in": "600"}
        return {"payload": json.dumps(more)} if self.fault("payload") else more

    def client(self, call: Call) -> tuple[str, str]:
        """Public applications send no secret."""
        sent = call.form.get("client_secret", self.client_secret)
        return call.form.get("client_id", ""), sent if call.form.get("device_id") == "device-1" else ""

    def token_error(self, code: str) -> Answer:
        return Answer(200, {"error": code, "error_description": "refused", "state": ""})

    def token_body(self, token: str, grant: Grant) -> dict[str, Any]:
        more = {"refresh_token": "r", "id_token": "", "user_id": grant.person.number, "state": "", "scope": "email"}
        return super().token_body(token, grant) | more

    def user_info(self, call: Call) -> Answer | None:
        return self.profile_of(call.form.get("access_token", ""), lambda person: {"user": self.user(person)})

    def user(self, person: Person) -> dict[str, Any]:
        return {
            "user_id": str(person.number),
            "first_name": person.first_name,
            "last_name": person.last_name,
            "avatar": self.picture_url(person),
            "email": person.email,
            "phone": "+79990000000",
            "sex": 1,
            "verified": False,
            "birthday": "01.01.1990",
        }


class GitHub(Party):
    slug, name = "github", "GitHub"
    authorize_path, token_path = "/login/oauth/authorize", "/login/oauth/access_token"

    def routes(self) -> dict[tuple[str, str], Route]:
        return {
            **super().routes(),
            ("GET", "/user"): lambda call: self.profile_of(call.token("token"), self.user),
            ("GET", "/user/emails"): self.emails,
        }

    def token_error(self, code: str) -> Answer:
        """With status 200, form-encoded."""
        spoken = "bad_verification_code" if code == "invalid_grant" else "incorrect_client_credentials"
        return Answer(200, urlencode({"error": spoken}), mime="application/x-www-form-urlencoded; charset=utf-8")

    def user(self, person: Person) -> dict[str, Any]:
        return {
            "id": person.number,
            "login": person.key,
            "name": person.name,
            "avatar_url": self.picture_url(person),
            "html_url": f"https://github.com/{person.key}",
            "email": None,
            "company": "Wonderland",
            "location": "Oxford",
            "bio": "Curiouser",
        }

    def emails(self, call: Call) -> Answer:
        grant = self.tokens.get(call.token("token"))
        if grant is None:
            return Answer(401, {"message": "Bad credentials"})
        if self.fault("no_emails") or not grant.person.email:
            return Answer(404, {"message": "Not Found"})
        noreply = f"{grant.person.number}+{grant.person.key}@users.noreply.github.com"
        return Answer(
            200,
            [
                {"email": noreply, "primary": False, "verified": True, "visibility": None},
                {"email": "unproven@example.com", "primary": False, "verified": False, "visibility": None},
                {"email": grant.person.email, "primary": True, "verified": True, "visibility": "private"},
            ],
        )


class Telegram(Party):
    slug, name = "telegram", "Telegram"
    authorize_path, token_path = "/auth", "/token"
    key: ClassVar = SigningKey("telegram-1")

    def routes(self) -> dict[tuple[str, str], Route]:
        return {
            **super().routes(),
            ("GET", "/.well-known/jwks.json"): lambda _call: Answer(200, self.key.jwks()),
            ("GET", "/.well-known/openid-configuration"): lambda _call: Answer(200, self.discovery()),
        }

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": "https://oauth.telegram.org",
            "authorization_endpoint": f"{self.base_url}/auth",
            "token_endpoint": f"{self.base_url}/token",
            "jwks_uri": f"{self.base_url}/.well-known/jwks.json",
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        }

    def client(self, call: Call) -> tuple[str, str]:
        return call.basic

    def token_body(self, token: str, grant: Grant) -> dict[str, Any]:
        if self.fault("no_id_token"):
            return super().token_body(token, grant)
        now = int(time.time())
        envelope = {"iss": "https://oauth.telegram.org", "aud": self.client_id, "iat": now, "exp": now + 3600}
        claims = {} if self.fault("missing_fields") else self.claims(grant.person)
        return super().token_body(token, grant) | {"id_token": self.key.sign(claims | envelope)}

    def claims(self, person: Person) -> dict[str, Any]:
        return self.changed(
            {
                "sub": f"login-{person.number}",
                "id": person.number,
                "name": person.name,
                "preferred_username": person.key,
                "picture": self.picture_url(person),
                "phone_number": "+79990000000",
            }
        )


class TikTok(Party):
    slug, name = "tiktok", "TikTok"
    authorize_path, token_path = "/v2/auth/authorize/", "/v2/oauth/token/"
    client_parameter = "client_key"

    def routes(self) -> dict[tuple[str, str], Route]:
        return {
            **super().routes(),
            ("GET", "/v2/user/info/"): lambda call: self.profile_of(call.token("Bearer"), self.info),
        }

    def token_error(self, code: str) -> Answer:
        """With status 200."""
        return Answer(200, {"error": code, "error_description": "Authorization code is expired.", "log_id": "1"})

    def token_body(self, token: str, grant: Grant) -> dict[str, Any]:
        more = {"open_id": f"open-{grant.person.number}", "scope": "user.info.basic", "refresh_token": "r"}
        return super().token_body(token, grant) | more

    def info(self, person: Person) -> dict[str, Any]:
        user = {
            "open_id": f"open-{person.number}",
            "union_id": f"union-{person.number}",
            "display_name": person.name,
            "avatar_url": self.picture_url(person),
        }
        return {"data": {"user": self.changed(user)}, "error": {"code": "ok", "message": "", "log_id": "1"}}

    def profile_error(self) -> dict[str, Any]:
        """Also with status 200, and `data` is null."""
        return {"data": None, "error": {"code": "access_token_invalid", "message": "invalid", "log_id": "1"}}


def parties(base_url: str) -> dict[str, Party]:
    """One of each, by slug."""
    return {kind.slug: kind(base_url) for kind in (Google, Yandex, Vk, GitHub, Telegram, TikTok)}
