"""Addresses of relocation sites."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
