"""Addresses of what households ask to have corrected."""

from django.urls import path

from khotail.desk.views import corrections

urlpatterns = [
    path("", corrections.corrections, name="corrections"),
    path("<int:pk>/", corrections.correction, name="correction"),
]
