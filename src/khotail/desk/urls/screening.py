"""Addresses of screening, of the data audit and of the rulebook."""

from django.urls import path

from khotail.desk.views import rulebook, screening

urlpatterns = [
    path("runs/", screening.runs, name="runs"),
    path("runs/start/", screening.start, name="run_start"),
    path("runs/<int:pk>/", screening.run, name="run"),
    path("findings/", screening.signals, name="findings"),
    path("audit/", screening.audit, name="audit"),
    path("audit/check/<int:pk>/", screening.check, name="household_check"),
    path("trend/<str:kind>/", screening.trend, name="trend"),
    path("rulebook/", rulebook.rules, name="rulebook"),
    path("rulebook/rules/<str:rule_id>/", rulebook.rule, name="rule"),
    path("rulebook/parameters/", rulebook.parameters, name="parameters"),
    path("rulebook/parameters/<str:name>/", rulebook.parameter, name="parameter"),
    path("rulebook/changes/", rulebook.changes, name="rulebook_changes"),
    path("rulebook/changes/new/", rulebook.write, name="rulebook_change_new"),
    path("rulebook/changes/<int:pk>/", rulebook.change, name="rulebook_change"),
    path("rulebook/changes/<int:pk>/write/", rulebook.write, name="rulebook_change_write"),
    path("rulebook/changes/<int:pk>/try/", rulebook.try_dry, name="rulebook_change_try"),
    path("rulebook/changes/<int:pk>/households/", rulebook.households, name="rulebook_change_households"),
    path("rulebook/changes/<int:pk>/adopt/", rulebook.adopt, name="rulebook_change_adopt"),
    path("rulebook/changes/<int:pk>/drop/", rulebook.drop, name="rulebook_change_drop"),
]
