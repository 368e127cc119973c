"""Addresses of GeoReport v2; the suffix chooses the format."""

from django.urls import re_path

from khotail.api.open311 import views

_FORM = r"\.(?P<form>xml|json)$"

urlpatterns = [
    re_path(rf"^discovery{_FORM}", views.discovery, name="open311_discovery"),
    re_path(rf"^v2/services{_FORM}", views.services, name="open311_services"),
    re_path(rf"^v2/services/(?P<code>[^/]{{1,60}}?){_FORM}", views.service, name="open311_service"),
    re_path(rf"^v2/requests{_FORM}", views.requests, name="open311_requests"),
    re_path(rf"^v2/requests/(?P<number>[^/]{{1,60}}?){_FORM}", views.one_request, name="open311_request"),
    re_path(rf"^v2/tokens/(?P<token>[^/]{{1,60}}?){_FORM}", views.token, name="open311_token"),
    re_path(r"^(?P<path>.*)$", views.nothing, name="open311_nothing"),
]
