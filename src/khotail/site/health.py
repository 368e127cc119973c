"""`/healthz`: whether the application answers, reaches its database, and its queue moves. For monitors; says no more."""

from __future__ import annotations

from datetime import timedelta

from django.db import DatabaseError, connection
from django.db.models import Q
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from khotail.jobs.models import Job

#: A job that could have begun this long ago means that no worker runs, or that it hangs.
_STUCK = timedelta(minutes=30)


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 if all is well; 503 if the database is away; 200 with "queue": "stuck" if no worker takes jobs."""
    now = timezone.now()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        since = Q(not_before=None, asked_at__lt=now - _STUCK) | Q(not_before__lt=now - _STUCK)
        stuck = (
            Job.objects.filter(since, state=Job.State.WAITING).exists()
            and not Job.objects.filter(state=Job.State.RUNNING, lease_until__gte=now).exists()
        )
    except DatabaseError:
        return JsonResponse({"database": "away"}, status=503)
    return JsonResponse({"database": "ok", "queue": "stuck" if stuck else "ok"})
