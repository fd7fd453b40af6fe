"""The addresses of portable data: pages, and those of the API."""

from django.urls import path

from social.portable import api, pages
from social.portable.jobs.urls import api_urlpatterns as import_calls
from social.portable.jobs.urls import urlpatterns as import_pages

urlpatterns = [
    path("settings/data/", pages.export_page, name="export"),
    path("settings/data/archive/", pages.export_file, name="export-file"),
    path("settings/data/delete/", pages.delete_export, name="delete-export"),
    *import_pages,
]
api_urlpatterns = [
    path("me/export/", api.ExportView.as_view(), name="api-export"),
    path("me/export/file/", api.ExportFileView.as_view(), name="api-export-file"),
    *import_calls,
]
