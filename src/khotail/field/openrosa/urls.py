"""Addresses under /openrosa/, which is the server's address in ODK Collect."""

from django.urls import path

from khotail.field.openrosa import views

urlpatterns = [
    path("formList", views.form_list, name="openrosa_form_list"),
    path("forms/<int:pk>/form.xml", views.form, name="openrosa_form"),
    path("forms/<int:pk>/manifest", views.manifest, name="openrosa_manifest"),
    path("forms/<int:pk>/households.csv", views.households, name="openrosa_households"),
    path("submission", views.submission, name="openrosa_submission"),
]
