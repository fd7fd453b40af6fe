"""The pages of the social app."""

app_name = "social"
urlpatterns: list = []
