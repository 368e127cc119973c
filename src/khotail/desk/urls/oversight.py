"""Addresses of policies in transition, who is responsible, and whether any of the four not-removes gives way."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
