"""Addresses of pairings between places, fixed-point units, social helpers with their pledges, published needs, sales."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
