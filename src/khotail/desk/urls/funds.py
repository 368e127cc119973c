"""Addresses of money, projects and assets."""

from django.urls import path

from khotail.desk.views import funds, funds_assets, funds_import, funds_payments, funds_projects

urlpatterns = [
    path("", funds.fund_list, name="funds"),
    path("new/", funds.add, name="fund_add"),
    path("<int:pk>/", funds.fund, name="fund"),
    path("<int:pk>/allocate/", funds.allocate, name="fund_allocate"),
    path("entries/<int:pk>/reverse/", funds.reverse_entry, name="entry_reverse"),
    path("totals/", funds.fund_totals, name="fund_totals"),
    path("import/", funds_import.send, name="funds_import"),
    path("import/preview/", funds_import.preview, name="funds_preview"),
    path("import/confirm/", funds_import.confirm, name="funds_confirm"),
    path("import/rejects/", funds_import.rejects, name="funds_rejects"),
    path("import/example/", funds_import.example, name="funds_example"),
    path("payments/", funds_payments.payment_list, name="payments"),
    path("payments/<int:pk>/", funds_payments.payment, name="payment"),
    path("payments/<int:pk>/<slug:deed>/", funds_payments.payment_do, name="payment_do"),
    path("projects/", funds_projects.project_list, name="projects"),
    path("projects/new/", funds_projects.add, name="project_add"),
    path("projects/<int:pk>/", funds_projects.project, name="project"),
    path("projects/<int:pk>/change/", funds_projects.change, name="project_change"),
    path("projects/<int:pk>/do/<slug:deed>/", funds_projects.project_do, name="project_do"),
    path("projects/<int:pk>/households/", funds_projects.households, name="project_households"),
    path("projects/<int:pk>/papers/<int:paper>/", funds_projects.paper, name="project_paper"),
    path("ties/<int:pk>/", funds_projects.tie, name="project_tie"),
    path("ties/<int:pk>/<slug:deed>/", funds_projects.tie_do, name="project_tie_do"),
    path("milestones/", funds_assets.milestone_list, name="milestones"),
    path("milestones/<int:pk>/", funds_assets.milestone, name="milestone"),
    path("milestones/<int:pk>/<slug:deed>/", funds_assets.milestone_do, name="milestone_do"),
    path("assets/", funds_assets.asset_list, name="project_assets"),
    path("assets/<int:pk>/", funds_assets.asset, name="project_asset"),
    path("assets/<int:pk>/<slug:deed>/", funds_assets.asset_do, name="project_asset_do"),
    path("industry/", funds_assets.industries, name="industry"),
]
