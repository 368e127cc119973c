"""Addresses of the start page and of what officers set for themselves."""

from django.urls import path

from khotail.desk.views import home, preferences

urlpatterns = [
    path("", home.home, name="home"),
    path("progress/<int:pk>/", home.job_bar, name="job_bar"),
    path("language/", preferences.language, name="language"),
    path("filters/", preferences.save_filter, name="saved_filter_save"),
    path("filters/<int:pk>/remove/", preferences.remove_filter, name="saved_filter_remove"),
    path("notifications/", preferences.notifications, name="notifications"),
    path("notifications/read/", preferences.read_all, name="notifications_read"),
    path("notifications/<int:pk>/", preferences.read_one, name="notification"),
]
