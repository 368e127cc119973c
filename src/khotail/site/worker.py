"""The worker process: `python -m khotail.site.worker` or `khotail worker`."""

import os


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "khotail.site.settings")
    import django

    django.setup()
    from khotail.jobs.work import Worker

    Worker().run_for_ever()


if __name__ == "__main__":
    main()
