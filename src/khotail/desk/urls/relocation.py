"""Addresses of relocation sites."""

from django.urls import path

from khotail.desk.views import relocation

urlpatterns = [
    path("sites/", relocation.sites, name="sites"),
    path("sites/new/", relocation.new, name="site_add"),
    path("sites/<int:pk>/", relocation.site, name="site"),
    path("sites/<int:pk>/do/<slug:deed>/", relocation.do, name="site_do"),
    path("sites/<int:pk>/households/", relocation.households, name="site_households"),
    path("households/", relocation.households, name="relocated_households"),
    path("households/<int:pk>/", relocation.household, name="relocated"),
    path("households/<int:pk>/do/<slug:deed>/", relocation.household_do, name="relocated_do"),
]
