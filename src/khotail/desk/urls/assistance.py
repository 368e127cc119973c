"""Addresses of plans of help per household, help in emergencies, jobs and training, and whether help worked."""

from django.urls import path

from khotail.desk.views import help_effects, help_emergencies, help_jobs, help_plans, help_templates, help_trainings

urlpatterns = [
    path("plans/", help_plans.help_plans, name="help_plans"),
    path("plans/case/<int:case>/", help_plans.start, name="plan_start"),
    path("plans/lines/<int:line>/<slug:deed>/", help_plans.line_do, name="plan_line_do"),
    path("plans/<int:pk>/", help_plans.help_plan, name="help_plan"),
    path("plans/<int:pk>/add/", help_plans.add, name="plan_line_add"),
    path("plans/<int:pk>/agree/", help_plans.agree, name="plan_agree"),
    path("plans/<int:pk>/close/", help_plans.close, name="plan_close"),
    path("templates/", help_templates.plan_templates, name="plan_templates"),
    path("templates/new/", help_templates.new, name="plan_template_new"),
    path("templates/<int:pk>/", help_templates.plan_template, name="plan_template"),
    path("emergencies/", help_emergencies.emergencies, name="emergencies"),
    path("emergencies/new/", help_emergencies.new, name="emergency_new"),
    path("emergencies/<int:pk>/", help_emergencies.emergency, name="emergency"),
    path("emergencies/<int:pk>/<slug:deed>/", help_emergencies.do, name="emergency_do"),
    path("effects/", help_effects.effects, name="effects"),
    path("effects/measure/<int:measure>/", help_effects.of_measure, name="effect_of_measure"),
    path("effects/<int:pk>/", help_effects.effect, name="effect"),
    path("jobs/", help_jobs.jobs_kept, name="jobs_kept"),
    path("jobs/lost/", help_jobs.jobs_lost, name="jobs_lost"),
    path("jobs/new/", help_jobs.new, name="job_new"),
    path("jobs/import/", help_jobs.jobs_import, name="jobs_import"),
    path("jobs/<int:pk>/", help_jobs.job_kept, name="job_kept"),
    path("training/", help_trainings.trainings, name="trainings"),
    path("training/new/", help_trainings.new, name="training_new"),
    path("training/<int:pk>/", help_trainings.training, name="training"),
    path("training/<int:pk>/enrol/", help_trainings.enrol, name="training_enrol"),
]
