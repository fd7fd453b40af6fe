"""The API addresses of the accounts app."""

from django.urls import path

from accounts.api import door_views, views
from accounts.api.password_views import PasswordView, ResetConfirmView, ResetView
from accounts.departures.api import DeletionView
from accounts.factors import api
from accounts.logins.api import LogInsView, SessionsView, SessionView
from accounts.provider.api import AppCodeView

urlpatterns = [
    path("auth/register/", views.RegisterView.as_view(), name="api-register"),
    path("auth/token/", views.TokenView.as_view(), name="api-token"),
    path("auth/token/refresh/", views.RefreshView.as_view(), name="api-refresh"),
    path("auth/logout/", views.LogoutView.as_view(), name="api-logout"),
    path("auth/unconfirmed/", door_views.UnconfirmedView.as_view(), name="api-unconfirmed"),
    path("auth/confirm-email/", door_views.ConfirmEmailView.as_view(), name="api-confirm-email"),
    path("auth/passkey/question/", api.PasskeyQuestionView.as_view(), name="api-passkey-question"),
    path("auth/passkey/", api.PasskeyLogInView.as_view(), name="api-passkey-log-in"),
    path("auth/provider/", AppCodeView.as_view(), name="api-provider"),
    path("me/factors/", api.FactorsView.as_view(), name="api-factors"),
    path("me/factors/totp/", api.TotpView.as_view(), name="api-totp"),
    path("me/factors/totp/confirm/", api.TotpConfirmView.as_view(), name="api-totp-confirm"),
    path("me/factors/recovery-codes/", api.RecoveryCodesView.as_view(), name="api-recovery-codes"),
    path("me/factors/passkeys/", api.PasskeysView.as_view(), name="api-passkeys"),
    path(
        "me/factors/passkeys/question/",
        api.NewPasskeyQuestionView.as_view(),
        name="api-new-passkey-question",
    ),
    path("me/factors/passkeys/<id:passkey_id>/", api.PasskeyView.as_view(), name="api-passkey"),
    path("me/sessions/", SessionsView.as_view(), name="api-sessions"),
    path("me/sessions/<id:log_in_id>/", SessionView.as_view(), name="api-session"),
    path("me/log-ins/", LogInsView.as_view(), name="api-log-ins"),
    path("me/deletion/", DeletionView.as_view(), name="api-deletion"),
    path("me/password/", PasswordView.as_view(), name="api-password"),
    path("auth/password-reset/", ResetView.as_view(), name="api-reset"),
    path("auth/password-reset/confirm/", ResetConfirmView.as_view(), name="api-reset-confirm"),
    path("me/email/", door_views.AddressView.as_view(), name="api-address"),
    path("me/email/link/", door_views.AddressLinkView.as_view(), name="api-address-link"),
    path("me/username/", door_views.NameView.as_view(), name="api-name"),
    path("me/invitations/", door_views.InvitationsView.as_view(), name="api-invitations"),
    path(
        "me/invitations/<id:invitation_id>/",
        door_views.InvitationView.as_view(),
        name="api-invitation",
    ),
    path("pages/<slug:name>/", door_views.SitePageView.as_view(), name="api-site-page"),
]
