from django.urls import path

from khotail.desk.views import jobs

urlpatterns = [
    path("", jobs.jobs, name="jobs"),
    path("<int:number>/", jobs.job, name="job"),
    path("<int:number>/progress/", jobs.progress, name="job_progress"),
    path("<int:number>/cancel/", jobs.cancel, name="job_cancel"),
    path("<int:number>/retry/", jobs.retry, name="job_retry"),
]
