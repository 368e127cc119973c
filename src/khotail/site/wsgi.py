import logging
import os
import threading

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "khotail.site.settings")
application = get_wsgi_application()


def _warm() -> None:
    """What every page needs is read before the first of them is asked for."""
    from khotail.problems import Problem
    from khotail.screening.rulebook import current

    try:
        current()
        threading.Thread(target=_fit_sorter, daemon=True).start()
    except Problem as problem:  # pages that need none are served all the same
        logging.getLogger(__name__).error(problem.text.zh)


def _fit_sorter() -> None:
    """Seconds of loading that the first message would wait for otherwise; no page waits meanwhile."""
    from django.db import connection

    from khotail.issues.sorting import fitted

    try:
        fitted()
    finally:
        connection.close()


_warm()
