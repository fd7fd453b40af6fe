"""The API addresses of the photos app."""

urlpatterns: list = []
