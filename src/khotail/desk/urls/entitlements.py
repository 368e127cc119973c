"""Addresses of what households are entitled to, receive and miss, kept from run to run, and the work lists of the missed."""

from django.urls import path

from khotail.desk.views import entitlements, missed

urlpatterns = [
    path("missed/", missed.missed_help, name="missed_help"),
    path("missed/<int:pk>/", missed.missed, name="missed"),
    path("missed/<int:pk>/mark/", missed.mark_it, name="missed_mark"),
    path("entitlements/", entitlements.entitlement_runs, name="entitlement_runs"),
    path("entitlements/start/", entitlements.start, name="entitlement_run_start"),
    path("entitlements/runs/<int:pk>/", entitlements.run, name="entitlement_run"),
    path("entitlements/programmes/<slug:programme_id>/", entitlements.programme, name="entitlement_programme"),
]
