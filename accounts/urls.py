"""The pages of the accounts app."""

from django.urls import path

from accounts import views
from accounts.doors.pages import entrance, own
from accounts.doors.site_pages import TITLES
from accounts.factors import log_in_pages, pages
from accounts.logins.pages import end, end_others, history, sessions
from accounts.provider import linking
from accounts.provider.pages import answer, new_person, start, start_app

app_name = "accounts"
urlpatterns = [
    path("signup/", entrance.sign_up_page, name="signup"),
    path("signup/name/", entrance.check_name, name="check-name"),
    path("signup/waiting/", entrance.door, name="door"),
    path("signup/waiting/link/", entrance.correct, name="door-correct"),
    path("invite/<str:code>/", entrance.invited, name="invited"),
    path("confirm-email/<str:token>/", entrance.confirm_email, name="confirm-email"),
    path("login/", views.log_in, name="login"),
    path("login/second-step/", log_in_pages.second_step, name="second-step"),
    path("login/passkey/", log_in_pages.passkey_log_in, name="passkey-log-in"),
    path("login/passkey/question/", log_in_pages.passkey_question, name="passkey-question"),
    path("login/provider/", start, name="provider-start"),
    path("login/provider/app/", start_app, name="provider-app"),
    path("login/provider/answer/", answer, name="provider-answer"),
    path("login/provider/new/", new_person, name="provider-new"),
    path("logout/", views.log_out, name="logout"),
    path("language/", views.choose_language, name="language"),
    path("settings/password/", views.change_password, name="password"),
    path("settings/security/", pages.overview, name="factors"),
    path("settings/security/app/", pages.app, name="app"),
    path("settings/security/app/off/", pages.app_off, name="app-off"),
    path("settings/security/codes/", pages.new_codes, name="recovery-codes"),
    path("settings/security/passkeys/", pages.add_passkey, name="passkey-add"),
    path("settings/security/passkeys/question/", pages.question_to_add, name="passkey-add-ask"),
    path(
        "settings/security/passkeys/<id:passkey_id>/remove/",
        pages.remove_passkey,
        name="passkey-remove",
    ),
    path("settings/security/provider/", linking.overview, name="provider"),
    path("settings/security/provider/link/", linking.start, name="provider-link"),
    path("settings/security/provider/unlink/", linking.unlink, name="provider-unlink"),
    path("settings/sessions/", sessions, name="sessions"),
    path("settings/sessions/end/", end_others, name="sessions-end"),
    path("settings/sessions/<id:log_in_id>/end/", end, name="session-end"),
    path("settings/sessions/all/", history, name="log-ins"),
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
