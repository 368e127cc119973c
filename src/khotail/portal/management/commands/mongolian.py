"""`khotail manage mongolian`: the texts of the portal as CSV, to be translated and kept as KHOTAIL_HOME/mongolian.csv."""

from __future__ import annotations

import csv
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import translation

from khotail.portal import mongolian, texts


class Command(BaseCommand):
    help = "Write every text of the portal as CSV: text, Chinese, Mongolian, source."

    def handle(self, *args: Any, **options: Any) -> None:
        out = csv.writer(self.stdout)
        out.writerow(("text", "chinese", "mongolian", "source"))
        packaged, own = mongolian.packaged(), mongolian.own_texts()
        with translation.override("zh-hans"):
            for text in sorted(texts.of_portal()):
                known = packaged.get(text, {})
                out.writerow(
                    (
                        text,
                        translation.gettext(text),
                        own.texts.get(text, known.get("mongolian", "")),
                        own.sources.get(text, known.get("source", "")),
                    )
                )
