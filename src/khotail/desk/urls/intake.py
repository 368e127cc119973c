"""Addresses of files that come in and of rows that wait for a decision."""

from django.urls import path

from khotail.desk.views import intake, intake_matches

urlpatterns = [
    path("", intake.batches, name="batches"),
    path("new/", intake.new, name="batch_new"),
    path("doubtful/", intake_matches.doubtful_matches, name="doubtful_matches"),
    path("doubtful/<int:pk>/", intake_matches.doubtful_match, name="doubtful_match"),
    path("doubtful/<int:pk>/decide/", intake_matches.decide, name="doubtful_decide"),
    path("doubtful/<int:pk>/undo/", intake_matches.undo, name="doubtful_undo"),
    path("<int:pk>/", intake.batch, name="batch"),
    path("<int:pk>/correct/", intake.correct, name="batch_correct"),
    path("<int:pk>/take-as/", intake.take_as, name="batch_take_as"),
    path("<int:pk>/import/", intake.start, name="batch_import"),
    path("<int:pk>/progress/", intake.progress, name="batch_progress"),
    path("<int:pk>/withdraw/", intake.withdraw, name="batch_withdraw"),
    path("<int:pk>/rejects/", intake.rejects, name="batch_rejects"),
    path("<int:pk>/doubtful/", intake_matches.doubtful_matches, name="batch_doubtful"),
]
