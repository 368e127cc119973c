"""Addresses of the audit trail."""

from django.urls import path

from khotail.desk.views import trail

urlpatterns = [
    path("", trail.trail, name="trail"),
    path("verify/", trail.verify_trail, name="trail_verify"),
]
