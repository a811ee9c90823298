from django.urls import path

from . import forms, identity, links, passkeys, people

urlpatterns = [
    path("join", links.join, name="join"),
    path("reset", links.reset, name="reset"),
    path("forgotten", links.forgotten, name="forgotten"),
    path("account", forms.account, name="account"),
    path("account/password", forms.change_password, name="account-password"),
    path("account/totp", forms.begin_totp, name="account-totp"),
    path("account/totp/confirm", forms.confirm_totp, name="account-totp-confirm"),
    path("account/totp/disable", forms.disable_totp, name="account-totp-disable"),
    path("account/recovery-codes", forms.renew_recovery_codes, name="account-recovery-codes"),
    path("account/sessions/<str:session_id>/end", forms.end_session, name="account-end-session"),
    path("account/sessions/end", forms.end_other_sessions, name="account-end-sessions"),
    path("account/passkeys", passkeys.add, name="account-passkeys"),
    path("account/passkeys/options", passkeys.options, name="account-passkey-options"),
    path("account/passkeys/<str:passkey_id>/remove", passkeys.remove, name="account-passkey-remove"),
    path("account/oidc", identity.link, name="oidc-link"),
    path("account/oidc/unlink", identity.unlink, name="oidc-unlink"),
    path("accounts", people.accounts, name="accounts"),
    path("accounts/invitations", people.invite, name="invite"),
    path("accounts/invitations/<str:invitation_id>/revoke", people.revoke, name="revoke-invitation"),
    path("accounts/<str:user_id>/reset", people.make_reset_link, name="make-reset-link"),
]
