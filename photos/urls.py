"""The pages of the photos app."""

app_name = "photos"
urlpatterns: list = []
