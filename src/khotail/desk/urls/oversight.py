"""Addresses of policies in transition, who is responsible, and whether any of the four not-removes gives way."""

from django.urls import path

from khotail.desk.views import oversight_continuity as continuity
from khotail.desk.views import oversight_inspections as inspections
from khotail.desk.views import oversight_responsibilities as responsibilities
from khotail.desk.views import oversight_transition as transition
from khotail.desk.views import policies, policy

urlpatterns = [
    path("", policies.policies, name="policies"),
    path("new/", policies.new, name="policy_add"),
    path("import/", policies.take_list, name="policies_import"),
    path("import/example/", policies.example, name="policies_example"),
    path("hints/", policies.collisions, name="policy_hints"),
    path("<int:pk>/", policy.policy, name="policy"),
    path("<int:pk>/edit/", policies.edit, name="policy_edit"),
    path("<int:pk>/households/", policies.lose, name="policy_households"),
    path("<int:pk>/review/", policy.review, name="policy_review"),
    path("<int:pk>/reviews/<int:review>/", policy.decide, name="policy_review_decide"),
    path("<int:pk>/class/", policy.put_into_class, name="policy_class"),
    path("<int:pk>/plan/", policy.plan, name="policy_plan"),
    path("<int:pk>/steps/", policy.add_step, name="policy_step_add"),
    path("<int:pk>/steps/<int:step>/", policy.finish_step, name="policy_step_done"),
    path("<int:pk>/figures/", policy.report, name="policy_figure"),
    path("transition/", transition.transition, name="transition"),
    path("transition/set/", transition.set_clock, name="transition_set"),
    path("transition/<int:pk>/extend/", transition.extend, name="transition_extend"),
    path("responsibilities/", responsibilities.responsibilities, name="responsibilities"),
    path("responsibilities/new/", responsibilities.new, name="responsibility_name"),
    path("responsibilities/vacant/", responsibilities.vacant, name="vacancies"),
    path("responsibilities/<int:pk>/", responsibilities.responsibility, name="responsibility"),
    path("responsibilities/<int:pk>/accept/", responsibilities.accept, name="responsibility_accept"),
    path("responsibilities/<int:pk>/hand-over/", responsibilities.hand_over, name="responsibility_hand_over"),
    path("responsibilities/<int:pk>/end/", responsibilities.end, name="responsibility_end"),
    path("inspections/", inspections.inspections, name="inspections"),
    path("inspections/new/", inspections.new, name="inspection_plan"),
    path("inspections/<int:pk>/", inspections.inspection, name="inspection"),
    path("inspections/<int:pk>/close/", inspections.do, {"deed": "close"}, name="inspection_close"),
    path("inspections/<int:pk>/drop/", inspections.do, {"deed": "drop"}, name="inspection_drop"),
    path("inspections/<int:pk>/find/", inspections.do, {"deed": "find"}, name="inspection_find"),
    path("inspections/shortcomings/", inspections.shortcomings, name="shortcomings"),
    path("inspections/shortcomings/<int:pk>/", inspections.shortcoming, name="shortcoming"),
    path("inspections/shortcomings/<int:pk>/mend/", inspections.mend, name="shortcoming_mend"),
    path("inspections/shortcomings/<int:pk>/look/", inspections.look, name="shortcoming_look"),
    path("continuity/", continuity.continuity, name="continuity"),
    path("continuity/count/", continuity.count, name="continuity_count"),
    path("continuity/alarms/<int:pk>/", continuity.alarm, name="alarm"),
]
