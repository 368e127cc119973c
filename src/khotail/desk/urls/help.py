"""Addresses of the way in to help and policies."""

from django.urls import path

from khotail.desk.views import help

urlpatterns = [path("", help.help_and_policies, name="help_and_policies")]
