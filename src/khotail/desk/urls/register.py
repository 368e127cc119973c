"""Addresses of the register."""

from django.urls import path

from khotail.desk.views import register, register_changes, register_exports, residents

urlpatterns = [
    path("", register.households, name="households"),
    path("search/", register.search_page, name="search"),
    path("new/", register_changes.add, name="household_add"),
    path("export/", register_exports.ask, name="register_export"),
    path("export/<int:pk>/", register_exports.download, name="register_export_file"),
    path("<int:pk>/", register.household, name="household"),
    path("<int:pk>/timeline/", register.timeline_part, name="household_timeline"),
    path("<int:pk>/member/", register_changes.member, name="member_add"),
    path("<int:pk>/move/", register_changes.move, name="household_move"),
    path("<int:pk>/split/", register_changes.split, name="household_split"),
    path("<int:pk>/merge/", register_changes.merge, name="household_merge"),
    path("<int:pk>/correct/<str:table>/", register_changes.correct_household, name="household_correct"),
    path("<int:pk>/documents/", register_changes.documents, name="household_documents"),
    path("person/<int:pk>/unmask/", register_changes.unmask, name="person_unmask"),
    path("person/<int:pk>/leaving/", register_changes.leaving, name="person_leaving"),
    path("person/<int:pk>/correct/", register_changes.correct_person, name="person_correct"),
    path("person/<int:pk>/portal/", residents.portal, name="person_portal"),
    path("document/<int:pk>/", register.document, name="document"),
]
