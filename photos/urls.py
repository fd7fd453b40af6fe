"""The pages of the photos app."""

from django.urls import path

app_name = "photos"
urlpatterns: list = []
