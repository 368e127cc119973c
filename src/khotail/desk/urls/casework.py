"""Addresses of leads and cases."""

from django.urls import path

from khotail.desk.views import (
    casework,
    casework_cases,
    casework_leads,
    casework_papers,
    casework_rechecks,
    casework_work,
)

urlpatterns = [
    path("leads/", casework_leads.leads, name="leads"),
    path("leads/new/", casework_leads.new, name="lead_raise"),
    path("leads/<int:pk>/", casework_leads.lead, name="lead"),
    path("leads/<int:pk>/take/", casework_leads.take, name="lead_take"),
    path("leads/<int:pk>/dismiss/", casework_leads.dismiss, name="lead_dismiss"),
    path("leads/<int:pk>/household/", casework_leads.household, name="lead_household"),
    path("cases/", casework_cases.cases, name="cases"),
    path("cases/board/", casework_cases.board, name="board"),
    path("cases/queue/<slug:step_id>/", casework_cases.queue, name="queue"),
    path("cases/rechecks/", casework_rechecks.rechecks, name="rechecks"),
    path("cases/<int:pk>/", casework.case, name="case"),
    path("cases/<int:pk>/steps/<int:step>/close/", casework.close, name="step_close"),
    path("cases/<int:pk>/steps/<int:step>/object/", casework_work.object_to, name="step_object"),
    path("cases/<int:pk>/steps/<int:step>/papers/<slug:kind>/", casework_papers.paper, name="paper"),
    path("cases/<int:pk>/measures/", casework_work.measure, name="measure_add"),
    path("cases/<int:pk>/helper/", casework_work.helper, name="helper_assign"),
    path("cases/<int:pk>/recheck/", casework_rechecks.recheck, name="recheck_start"),
    path("cases/<int:pk>/refusal/", casework_papers.refusal, name="refusal"),
    path("objections/<int:pk>/answer/", casework_work.answer, name="objection_answer"),
]
