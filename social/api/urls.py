"""The API addresses of the social app."""

urlpatterns: list = []
