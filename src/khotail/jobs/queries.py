"""Who sees which jobs, and who may end them."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from khotail.accounts.models import Officer
from khotail.accounts.roles import May
from khotail.jobs.models import Job


def jobs_of(officer: Officer) -> QuerySet[Job]:
    """The officer's own jobs; all of the region for those who screen it or audit the trail. Newest first."""
    seen = Q(asked_by=officer)
    if officer.may(May.SCREEN) or officer.may(May.SEE_TRAIL):
        seen |= Q(pk__in=Job.objects.visible_to(officer).values("pk"))
    return Job.objects.filter(seen).select_related("asked_by")


def may_steer(officer: Officer, job: Job) -> bool:
    """Whether the officer may cancel the job or start it again."""
    in_region = bool(job.region_code) and job.region_code.startswith(officer.region_code)
    return officer.is_active and (job.asked_by_id == officer.pk or (officer.may(May.SCREEN) and in_region))
