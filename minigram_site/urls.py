"""The URLs of the whole site."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from minigram_site.web import converters
from minigram_site.web.health import healthz, readyz
from minigram_site.web.languages.words import words
from minigram_site.web.metrics import metrics

converters.register()

urlpatterns = [
    # Pages first: an address is compared with one pattern after the other.
    path("", include("social.urls")),
    path("", include("photos.urls")),
    path("", include("accounts.urls")),
    path("words/<slug:language>.<slug:fingerprint>.js", words, name="words"),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    # One page changes passwords: the one where guesses are limited and other sessions end.
    path("admin/password_change/", RedirectView.as_view(pattern_name="accounts:password")),
    path("admin/", admin.site.urls),
    path("api/v1/", include("accounts.api.urls")),
    path("api/v1/", include("photos.api.urls")),
    path("api/v1/", include("social.api.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path(
        "api/docs/",
        SpectacularSwaggerSplitView.as_view(url_name="schema", http_method_names=["get", "head"]),
        name="api-docs",
    ),
]

handler400 = "minigram_site.web.errors.bad_request"
handler403 = "minigram_site.web.errors.forbidden"
handler404 = "minigram_site.web.errors.not_found"
handler500 = "minigram_site.web.outages.server_error"
