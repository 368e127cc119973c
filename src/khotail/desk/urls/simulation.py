"""Addresses of what would happen if programmes end, taper, convert or begin, or a shock strikes: asked for, computed, compared."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
