"""URLs of accounts, relative to the server's root."""

from django.urls import path

from . import oidc_views, passkey_views, views

urlpatterns = [
    path("api/accounts", views.AccountsView.as_view(), name="accounts"),
    path("api/accounts/sign-in", views.SignInView.as_view(), name="account-sign-in"),
    path("api/accounts/sign-out", views.SignOutView.as_view(), name="account-sign-out"),
    path("api/accounts/join", views.JoinView.as_view(), name="account-join"),
    path("api/accounts/reset", views.ResetView.as_view(), name="account-reset"),
    path("api/accounts/forgotten", views.ForgottenView.as_view(), name="account-forgotten"),
    path("api/accounts/oidc/sign-out", oidc_views.ProviderSignOutView.as_view(), name="oidc-provider-sign-out"),
    path("api/accounts/me", views.OwnAccountView.as_view(), name="account"),
    path("api/accounts/me/password", views.PasswordView.as_view(), name="account-password"),
    path("api/accounts/me/totp", views.TotpView.as_view(), name="account-totp"),
    path("api/accounts/me/totp/confirm", views.ConfirmTotpView.as_view(), name="account-totp-confirm"),
    path("api/accounts/me/totp/disable", views.DisableTotpView.as_view(), name="account-totp-disable"),
    path("api/accounts/me/recovery-codes", views.RecoveryCodesView.as_view(), name="account-recovery-codes"),
    path("api/accounts/me/passkeys", passkey_views.PasskeysView.as_view(), name="account-passkeys"),
    path(
        "api/accounts/me/passkeys/options", passkey_views.PasskeyOptionsView.as_view(), name="account-passkey-options"
    ),
    path(
        "api/accounts/me/passkeys/<str:passkeyId>/remove",
        passkey_views.RemovePasskeyView.as_view(),
        name="account-passkey-remove",
    ),
    path(
        "api/accounts/passkeys/options",
        passkey_views.PasskeySignInOptionsView.as_view(),
        name="passkey-sign-in-options",
    ),
    path("api/accounts/passkeys/sign-in", passkey_views.PasskeySignInView.as_view(), name="passkey-sign-in"),
    path("api/accounts/me/sessions", views.SessionsView.as_view(), name="account-sessions"),
    path("api/accounts/me/sessions/<str:sessionId>", views.SessionView.as_view(), name="account-session"),
    path("api/accounts/invitations", views.InvitationsView.as_view(), name="invitations"),
    path("api/accounts/invitations/<str:invitationId>", views.InvitationView.as_view(), name="invitation"),
    path("api/accounts/reset-links", views.ResetLinkView.as_view(), name="reset-link"),
]
