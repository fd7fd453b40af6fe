"""The addresses of imports: pages, and those of the API."""

from django.urls import path

from social.portable.jobs import api, pages

urlpatterns = [
    path("settings/import/", pages.import_page, name="import"),
    path("settings/import/file/", pages.import_file, name="import-file"),
    path("settings/import/begin/", pages.begin_import, name="begin-import"),
    path("settings/import/parts/", pages.import_part, name="import-part"),
    path("settings/import/start/", pages.start_import, name="start-import"),
    path("settings/import/stop/", pages.stop_import, name="stop-import"),
    path("settings/import/refused/", pages.refused_files, name="refused-files"),
]
api_urlpatterns = [
    path("me/import/", api.ImportView.as_view(), name="api-import"),
    path("me/import/parts/", api.ImportPartsView.as_view(), name="api-import-parts"),
    path("me/import/start/", api.StartImportView.as_view(), name="api-start-import"),
    path("me/import/refused/", api.RefusedFilesView.as_view(), name="api-refused-files"),
]
