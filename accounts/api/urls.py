"""The API addresses of the accounts app."""

from django.urls import path

from accounts.api import door_views, views

urlpatterns = [
    path("auth/register/", views.RegisterView.as_view(), name="api-register"),
    path("auth/token/", views.TokenView.as_view(), name="api-token"),
    path("auth/token/refresh/", views.RefreshView.as_view(), name="api-refresh"),
    path("auth/logout/", views.LogoutView.as_view(), name="api-logout"),
    path("auth/unconfirmed/", door_views.UnconfirmedView.as_view(), name="api-unconfirmed"),
    path("auth/confirm-email/", door_views.ConfirmEmailView.as_view(), name="api-confirm-email"),
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
