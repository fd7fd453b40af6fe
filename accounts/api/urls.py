"""The API addresses of the accounts app."""

urlpatterns: list = []
