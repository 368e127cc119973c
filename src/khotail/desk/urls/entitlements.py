"""Addresses of what households are entitled to, receive and miss, kept from run to run, and the work lists of the missed."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
