"""Addresses of plans of help per household, help in emergencies, jobs and training, and whether help worked."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
