"""The pages of the social app."""

from django.urls import include, path

from social.views import home, moderation, mutes, people, publish, settings
from social.views import home, moderation, people, publish, settings, tags
from social.notifications.urls import urlpatterns as notification_pages
from social.views import home, moderation, people, publish, settings
from social.views import home, moderation, people, publish, search, settings
from social.reach import views
from social.views import deleted, home, moderation, people, publish, settings

app_name = "social"
urlpatterns = [
    path("", home.landing, name="landing"),
    path("feed/", home.feed, name="feed"),
    path("explore/", home.explore, name="explore"),
    path("search/", search.search, name="search"),
    path("search/suggestions/", search.suggestions, name="search-suggestions"),
    path("@<username:username>/", people.profile, name="profile"),
    path("@<username:username>/feed.atom", views.person_feed, name="person-feed"),
    path("tags/<str:name>/feed.atom", views.tag_feed, name="tag-feed"),
    path("oembed/", views.oembed, name="oembed"),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", views.sitemap_index, name="sitemap-index"),
    path("sitemap-<str:section>.xml", views.sitemap, name="sitemap"),
    path("offline/", home.offline, name="offline"),
    path("manifest.webmanifest", home.manifest, name="manifest"),
    path("sw.js", home.service_worker, name="service-worker"),
    path("upload/", publish.upload, name="upload"),
    path("upload/media/", publish.upload_media, name="upload-media"),
    path("upload/media/<id:media_id>/discard/", publish.discard_media, name="discard-media"),
    path("upload/arrange/", publish.arrange, name="upload-arrange"),
    path("drafts/", publish.drafts, name="drafts"),
    path("drafts/<id:photo_id>/retry/", publish.retry, name="draft-retry"),
    path("drafts/<id:photo_id>/discard/", publish.discard, name="draft-discard"),
    path("requests/", people.requests, name="requests"),
    path("requests/<username:username>/accept/", people.accept, name="accept"),
    path("requests/<username:username>/decline/", people.decline, name="decline"),
    path("settings/", settings.profile, name="settings"),
    path("settings/avatar/", settings.avatar, name="avatar"),
    path("settings/privacy/", settings.privacy, name="privacy"),
    path("settings/blocked/", settings.blocked, name="blocked"),
    path("settings/muted/", mutes.muted, name="muted"),
    path("settings/words/", mutes.words, name="words"),
    path("settings/delete/", settings.delete_account, name="delete-account"),
    path("settings/deleted/", deleted.photos, name="deleted"),
    path("settings/deleted/<code:photo_id>/picture/", deleted.picture, name="deleted-picture"),
    path("settings/deleted/<code:photo_id>/restore/", deleted.bring_back, name="restore"),
    path("settings/deleted/<code:photo_id>/delete/", deleted.for_good, name="delete-for-good"),
    path("settings/decisions/", moderation.decisions, name="decisions"),
    path("appeals/<str:token>/", moderation.appeal, name="appeal"),
    path("p/<code:photo_id>/report/", moderation.report_photo, name="report-photo"),
    path(
        "p/<code:photo_id>/comments/<code:comment_id>/report/",
        moderation.report_comment,
        name="report-comment",
    ),
    path("@<username:username>/report/", moderation.report_person, name="report-person"),
    path("suggestions/", people.suggestions, name="suggestions"),
    path("tags/", tags.followed, name="followed-tags"),
    path("tags/<str:name>/follow/", tags.follow, name="follow-tag"),
    path("tags/<str:name>/unfollow/", tags.unfollow, name="unfollow-tag"),
    path("people/<code:user_id>/", people.by_id, name="person"),
    path("mentions/", people.mentions, name="mentions"),
    path("@<username:username>/followers/", people.followers, name="followers"),
    path("@<username:username>/following/", people.following, name="following"),
    path("@<username:username>/follow/", people.follow, name="follow"),
    path("@<username:username>/unfollow/", people.unfollow, name="unfollow"),
    path("@<username:username>/block/", people.block, name="block"),
    path("@<username:username>/unblock/", people.unblock, name="unblock"),
    path("@<username:username>/mute/", mutes.mute, name="mute"),
    path("@<username:username>/unmute/", mutes.unmute, name="unmute"),
    path("@<username:username>/hide-suggestion/", mutes.hide_suggestion, name="hide-suggestion"),
    path("@<username:username>/remove/", people.remove_follower, name="remove-follower"),
    *notification_pages,
    path("", include("social.albums.urls")),
]
