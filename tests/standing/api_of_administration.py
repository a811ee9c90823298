"""All operations of the API about the workspace, accounts and the server itself, as in `api`."""

from .door import FORBIDDEN, INVALID, NOT_FOUND, OK, PUBLIC, Door

_NEITHER = (FORBIDDEN, FORBIDDEN)
_ALL = (OK, OK)
_PERSON = "/api/workspace/people/$user"
OF_THE_WORKSPACE = {
    "GET workspace": Door("/api/workspace", *_ALL),
    "PATCH workspace": Door("/api/workspace", *_NEITHER, {"name": "Mine"}),
    "GET deactivated": Door("/api/workspace/deactivated", *_NEITHER),
    "DELETE workspace-person": Door(_PERSON, *_NEITHER),
    "PUT workspace-role": Door(f"{_PERSON}/role", *_NEITHER, {"role": "guest"}),
    "POST deactivate": Door(f"{_PERSON}/deactivate", *_NEITHER),
    "POST reactivate": Door(f"{_PERSON}/reactivate", *_NEITHER),
    "PUT logo": Door("/api/workspace/logo", *_NEITHER, {"file": "pixel"}),
    "DELETE logo": Door("/api/workspace/logo", *_NEITHER),
    "GET audit": Door("/api/workspace/audit", *_NEITHER),
    "GET audit-export": Door("/api/workspace/audit/export", *_NEITHER),
    "GET cases": Door("/api/workspace/reports", *_NEITHER),
    "GET case": Door("/api/workspace/reports/$case", *_NEITHER),
    "POST case-decision": Door("/api/workspace/reports/$case/decision", *_NEITHER, {"decision": "keep"}),
}
OF_ACCOUNTS = {
    "GET accounts": Door("/api/accounts", *_NEITHER),
    "GET invitations": Door("/api/accounts/invitations", *_NEITHER),
    "POST invitations": Door("/api/accounts/invitations", *_NEITHER, {"uses": 1}),
    "DELETE invitation": Door("/api/accounts/invitations/$invitation", *_NEITHER),
    "POST reset-link": Door("/api/accounts/reset-links", *_NEITHER, {"userId": "$user", "password": "x"}),
    # One's own. The password is wrong: what these do when it is right is tested with accounts.
    "GET account": Door("/api/accounts/me", *_ALL),
    "POST account-password": Door(
        "/api/accounts/me/password", INVALID, INVALID, {"currentPassword": "x", "newPassword": "a long one of mine"}
    ),
    "POST account-totp": Door("/api/accounts/me/totp", INVALID, INVALID, {"password": "x"}),
    "POST account-totp-confirm": Door("/api/accounts/me/totp/confirm", NOT_FOUND, NOT_FOUND, {"code": "123456"}),
    "POST account-totp-disable": Door(
        "/api/accounts/me/totp/disable", INVALID, INVALID, {"password": "x", "code": "123456"}
    ),
    "POST account-recovery-codes": Door("/api/accounts/me/recovery-codes", INVALID, INVALID, {"password": "x"}),
    "GET account-passkeys": Door("/api/accounts/me/passkeys", *_ALL),
    "POST account-passkeys": Door(
        "/api/accounts/me/passkeys", INVALID, INVALID, {"state": "x", "credential": "{}", "name": "x"}
    ),
    "POST account-passkey-options": Door("/api/accounts/me/passkeys/options", INVALID, INVALID, {"password": "x"}),
    "POST account-passkey-remove": Door("/api/accounts/me/passkeys/1/remove", INVALID, INVALID, {"password": "x"}),
    "GET account-sessions": Door("/api/accounts/me/sessions", *_ALL),
    "DELETE account-sessions": Door("/api/accounts/me/sessions", *_ALL),
    "DELETE account-session": Door("/api/accounts/me/sessions/$session", NOT_FOUND, NOT_FOUND),
    **{
        f"POST {name}": Door(f"/api/accounts/{path}", PUBLIC, PUBLIC, deactivated=PUBLIC)
        for name, path in {
            "account-sign-in": "sign-in",
            "account-join": "join",
            "account-reset": "reset",
            "account-forgotten": "forgotten",
            "passkey-sign-in-options": "passkeys/options",
            "passkey-sign-in": "passkeys/sign-in",
            "oidc-provider-sign-out": "oidc/sign-out",
        }.items()
    },
}
OF_THE_SERVER = {
    "POST clerk-webhook": Door("/api/webhooks/clerk", PUBLIC, PUBLIC, deactivated=PUBLIC),
    **{
        f"GET {name}": Door(path, PUBLIC, PUBLIC, deactivated=PUBLIC)
        for name, path in {
            "jwks": "/.well-known/jwks.json",
            "logo-image": "/api/workspace/logo/logo_x",
            "health": "/api/health",
            "health-live": "/api/health/live",
            "health-ready": "/api/health/ready",
            "api": "/api/",
            "schema": "/api/schema",
            "docs": "/api/docs",
            "asyncapi": "/api/asyncapi.json",
            "events": "/api/events",
        }.items()
    },
}
# Apart: their session is over then.
SIGN_OUT = {"POST account-sign-out": Door("/api/accounts/sign-out", *_ALL)}
ADMINISTRATION = {**OF_THE_WORKSPACE, **OF_ACCOUNTS, **OF_THE_SERVER}
