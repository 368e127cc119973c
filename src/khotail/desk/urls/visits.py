"""Addresses of planning visits; the app that makes them has /visits/ for itself."""

from django.urls import path

from khotail.desk.views import visits, visits_forms, visits_odk, visits_submissions

urlpatterns = [
    path("", visits.visit_rounds, name="visit_rounds"),
    path("new/", visits.visit_round_new, name="visit_round_new"),
    path("rounds/<int:pk>/", visits.visit_round, name="visit_round"),
    path("rounds/<int:pk>/close/", visits.visit_round_close, name="visit_round_close"),
    path("rounds/<int:pk>/remind/", visits.visit_round_remind, name="visit_round_remind"),
    path("planned/<int:pk>/excuse/", visits.visit_excuse, name="visit_excuse"),
    path("forms/", visits_forms.visit_forms, name="visit_forms"),
    path("forms/upload/", visits_forms.visit_form_upload, name="visit_form_upload"),
    path("forms/<int:pk>/retire/", visits_forms.visit_form_retire, name="visit_form_retire"),
    path("forms/<int:pk>/<str:kind>/", visits_forms.visit_form_file, name="visit_form_file"),
    path("records/", visits_submissions.submissions, name="submissions"),
    path("records/<int:pk>/", visits_submissions.submission, name="submission"),
    path("records/<int:pk>/set-aside/", visits_submissions.submission_set_aside, name="submission_set_aside"),
    path("records/files/<int:pk>/", visits_submissions.submission_file, name="submission_file"),
    path("odk/", visits_odk.visit_odk, name="visit_odk"),
]
