"""Triggers that refuse to change or remove entries of the ledger, on both databases."""

from django.conf import settings
from django.db import migrations

from khotail.funds.protection import protect, unprotect


def forwards(apps, editor):
    if settings.KHOTAIL_PROTECT_TRAIL:
        protect(editor.connection)


def backwards(apps, editor):
    unprotect(editor.connection)


class Migration(migrations.Migration):
    dependencies = [("funds", "0001_initial")]  # noqa: RUF012

    operations = [migrations.RunPython(forwards, backwards)]  # noqa: RUF012
