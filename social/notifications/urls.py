"""The addresses of notifications: pages, which are part of the social app's, and the API."""

from django.urls import path

from social.notifications import api, pages
from social.notifications.digest.pages import end
from social.notifications.push.api import PushView
from social.notifications.push.pages import turn_off, turn_on

urlpatterns = [
    path("activity/", pages.activity, name="activity"),
    path("activity/read/", pages.mark_read, name="activity-read"),
    path("activity/requests/<username:username>/", pages.answer_request, name="answer-request"),
    path("settings/notifications/", pages.settings, name="notification-settings"),
    path("settings/notifications/digest/", pages.digest, name="digest"),
    path("settings/notifications/desk/", pages.desk_mail, name="desk-mail"),
    path("settings/notifications/device/", turn_on, name="push-on"),
    path("settings/notifications/device/off/", turn_off, name="push-off"),
    path("digest/<str:token>/", end, name="digest-end"),
]
api_urlpatterns = [
    path("me/activity/", api.ActivityView.as_view(), name="api-activity"),
    path("me/activity/unread/", api.UnreadView.as_view(), name="api-activity-unread"),
    path("me/activity/read/", api.ReadView.as_view(), name="api-activity-read"),
    path("me/activity/kinds/", api.WantedView.as_view(), name="api-activity-kinds"),
    path("me/activity/digest/", api.DigestView.as_view(), name="api-activity-digest"),
    path("me/activity/device/", PushView.as_view(), name="api-activity-device"),
]
