"""Addresses of what would happen if programmes end, taper, convert or begin, or a shock strikes: asked for, computed, compared."""

from django.urls import path

from khotail.desk.views import radar, simulation_build, simulation_work, simulations

urlpatterns = [
    path("simulations/", simulations.simulations, name="simulations"),
    path("simulations/new/", simulation_build.simulation_new, name="simulation_new"),
    path("simulations/compare/", simulations.compare, name="simulation_compare"),
    path("simulations/<int:pk>/", simulations.simulation, name="simulation"),
    path("simulations/<int:pk>/remove/", simulations.remove, name="simulation_remove"),
    path("simulations/<int:pk>/villages/", simulations.villages, name="simulation_villages"),
    path("simulations/<int:pk>/households/", simulation_work.households, name="simulation_households"),
    path("simulations/<int:pk>/below/", simulation_work.below, name="simulation_below"),
    path("simulations/<int:pk>/hand-over/", simulation_work.hand_over, name="simulation_hand_over"),
    path("simulations/<int:pk>/scenario/", simulations.scenario, name="simulation_scenario"),
    path("simulations/falls/<int:pk>/", simulation_work.fall, name="fall"),
    path("radar/", radar.radar, name="radar"),
    path("radar/look/", radar.look, name="radar_look"),
]
