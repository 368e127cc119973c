"""The worker process: `python -m khotail.site.worker` or `khotail worker`."""

import os


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "khotail.site.settings")
    import django

    django.setup()
    from khotail.intake.spool import remove_leftovers
    from khotail.jobs.work import Worker

    remove_leftovers()
    Worker().run_for_ever()


if __name__ == "__main__":
    main()
