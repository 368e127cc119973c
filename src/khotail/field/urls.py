"""Addresses under /visits/: the app for visits without signal. Its worker may answer for these and for nothing else."""

from django.urls import path

from khotail.field import app, sync, work

urlpatterns = [
    path("", app.start, name="visits_app"),
    path("shell", app.shell, name="visits_shell"),
    path("app.webmanifest", app.manifest, name="visits_manifest"),
    path("worker.js", app.worker, name="visits_worker"),
    path("work.json", work.work, name="visits_work"),
    path("sync", sync.sync, name="visits_sync"),
]
