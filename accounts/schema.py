"""How the two ways to call the API are named in the OpenAPI document."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension

from accounts.permissions import is_for_people_only, scope_needed


class ApiKeyScheme(OpenApiAuthenticationExtension):
    target_class = "accounts.authentication.ApiKeyAuthentication"
    name = ["ApiKey", "ApiKeyHeader"]

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[str]]]:
        """Either header, with the scope that is needed; neither where only people may call."""
        view, method = auto_schema.view, auto_schema.method.upper()
        if is_for_people_only(view, method):
            return []
        return [{name: [scope_needed(view, method)]} for name in self.name]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, Any]]:
        text = "An API key, `nb_live_…`, for programs. Create one on the page for developers."
        return [
            {"type": "http", "scheme": "bearer", "bearerFormat": "nb_live_…", "description": text},
            {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": text},
        ]


class AccessTokenScheme(OpenApiAuthenticationExtension):
    target_class = "accounts.authentication.AccessTokenAuthentication"
    name = "AccessToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "The access token of a signed-in person, from `/auth/token`. Lives five minutes.",
        }


class CookieScheme(OpenApiAuthenticationExtension):
    target_class = "accounts.api.tokens.CookieAuthentication"
    name = "SignInCookie"
    priority = 1

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "The cookie of a sign-in that has just been completed, with `X-CSRFToken`.",
        }


class StaffViewScheme(OpenApiAuthenticationExtension):
    """Not in the document: nobody but our own back office makes such tokens."""

    target_class = "accounts.authentication.StaffViewAuthentication"
    name: list[str] = []

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[str]]]:
        return []

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, Any]]:
        return []
