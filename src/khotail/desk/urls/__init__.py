"""Addresses of the officers' pages: one module per thing that they work on."""

from django.urls import include, path

urlpatterns = [
    path("", include("khotail.desk.urls.home")),
    path("people/", include("khotail.desk.urls.accounts")),
    path("register/", include("khotail.desk.urls.register")),
    path("intake/", include("khotail.desk.urls.intake")),
    path("screening/", include("khotail.desk.urls.screening")),
    path("", include("khotail.desk.urls.casework")),
    path("issues/", include("khotail.desk.urls.issues")),
    path("corrections/", include("khotail.desk.urls.corrections")),
    path("visits-plan/", include("khotail.desk.urls.visits")),
    path("help/", include("khotail.desk.urls.help")),
    path("help/", include("khotail.desk.urls.entitlements")),
    path("help/", include("khotail.desk.urls.assistance")),
    path("funds/", include("khotail.desk.urls.funds")),
    path("partners/", include("khotail.desk.urls.partners")),
    path("relocation/", include("khotail.desk.urls.relocation")),
    path("policies/", include("khotail.desk.urls.simulation")),
    path("policies/", include("khotail.desk.urls.oversight")),
    path("jobs/", include("khotail.desk.urls.jobs")),
    path("trail/", include("khotail.desk.urls.trail")),
]
