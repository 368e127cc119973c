"""Addresses of linkage funds in double entry, projects with milestones and payments, what they leave behind, relocation sites."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
