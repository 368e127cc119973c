"""Django's own commands: `python -m khotail.site.manage COMMAND` or `khotail manage COMMAND`."""

import os
import sys


def main(arguments: list[str] | None = None) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "khotail.site.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(["khotail manage", *(sys.argv[1:] if arguments is None else arguments)])


if __name__ == "__main__":
    main()
