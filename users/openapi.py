"""Describes the authentication for the OpenAPI schema of drf-spectacular."""

from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension


class SessionTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "users.authentication.SessionTokenAuthentication"
    name = ["sessionToken", "sessionCookie"]

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[str]]]:
        """Return that a request has one of them: in one dict, they would be asked for together."""
        return [{name: []} for name in self.name]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, str]]:
        return [
            {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE},
        ]
