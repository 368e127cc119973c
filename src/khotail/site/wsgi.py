import logging
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "khotail.site.settings")
application = get_wsgi_application()


def _warm() -> None:
    """What every page needs is read before the first of them is asked for."""
    from khotail.problems import Problem
    from khotail.screening.rulebook import current

    try:
        current()
    except Problem as problem:  # pages that need none are served all the same
        logging.getLogger(__name__).error(problem.text.zh)


_warm()
