"""Addresses of issues."""

from django.urls import path

from khotail.desk.views import (
    issues,
    issues_bodies,
    issues_checks,
    issues_matters,
    issues_raise,
    issues_statistics,
)

urlpatterns = [
    path("", issues.queue, name="issues"),
    path("to-sort/", issues.queue, {"name": "to-sort"}, name="issues_to_sort"),
    path("mine/", issues.queue, {"name": "mine"}, name="issues_mine"),
    path("watched/", issues.queue, {"name": "watched"}, name="issues_watched"),
    path("new/", issues_raise.new, name="issue_raise"),
    path("new/suggested/", issues_raise.suggested, name="issue_suggest"),
    path("checks/", issues_checks.checks, name="issue_checks"),
    path("checks/<int:pk>/", issues_checks.check, name="issue_check"),
    path("matters/", issues_matters.matters, name="matters"),
    path("matters/<int:pk>/", issues_matters.matter, name="matter"),
    path("bodies/", issues_bodies.bodies, name="bodies"),
    path("bodies/new/", issues_bodies.new, name="body_add"),
    path("bodies/<int:pk>/", issues_bodies.body, name="body"),
    path("bodies/<int:pk>/people/", issues_bodies.people, name="body_people"),
    path("bodies/<int:pk>/end/", issues_bodies.end, name="body_end"),
    path("statistics/", issues_statistics.statistics, name="issue_statistics"),
    path("<int:pk>/", issues.issue, name="issue"),
    path("<int:pk>/receipt/", issues_raise.receipt, name="issue_receipt"),
    path("<int:pk>/phone/", issues.phone, name="issue_phone"),
    path("<int:pk>/files/<int:photo>/", issues.file, name="issue_file"),
    path("<int:pk>/do/<slug:deed>/", issues.do, name="issue_do"),
]
