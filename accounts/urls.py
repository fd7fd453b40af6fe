"""The pages of the accounts app."""

from django.urls import path

from accounts import views
from accounts.doors.pages import entrance, own
from accounts.doors.site_pages import TITLES

app_name = "accounts"
urlpatterns = [
    path("signup/", entrance.sign_up_page, name="signup"),
    path("signup/waiting/", entrance.door, name="door"),
    path("signup/waiting/link/", entrance.correct, name="door-correct"),
    path("invite/<str:code>/", entrance.invited, name="invited"),
    path("confirm-email/<str:token>/", entrance.confirm_email, name="confirm-email"),
    path("login/", views.log_in, name="login"),
    path("logout/", views.log_out, name="logout"),
    path("language/", views.choose_language, name="language"),
    path("settings/password/", views.change_password, name="password"),
    path("settings/email/", own.change_email, name="email"),
    path("settings/email/link/", own.resend_link, name="email-link"),
    path("settings/name/", own.change_name, name="name"),
    path("settings/invitations/", own.invitations, name="invitations"),
    path(
        "settings/invitations/<id:invitation_id>/withdraw/",
        own.revoke_invitation,
        name="revoke-invitation",
    ),
    path("password-reset/", views.forgot_password, name="reset"),
    path("password-reset/sent/", views.reset_sent, name="reset-sent"),
    path("password-reset/done/", views.reset_done, name="reset-done"),
    path("password-reset/<uidb64>/<token>/", views.choose_password, name="reset-confirm"),
    *(path(f"{name}/", entrance.site_page, {"name": name}, name="site-page") for name in TITLES),
]
