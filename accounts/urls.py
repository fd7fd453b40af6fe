"""The pages of the accounts app."""

from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("signup/", views.sign_up, name="signup"),
    path("login/", views.log_in, name="login"),
    path("logout/", views.log_out, name="logout"),
    path("settings/password/", views.change_password, name="password"),
    path("settings/email/", views.change_email, name="email"),
    path("password-reset/", views.forgot_password, name="reset"),
    path("password-reset/sent/", views.reset_sent, name="reset-sent"),
    path("password-reset/done/", views.reset_done, name="reset-done"),
    path("password-reset/<uidb64>/<token>/", views.choose_password, name="reset-confirm"),
]
