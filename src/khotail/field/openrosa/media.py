"""What a form may ask for beside itself: `households.csv`, the households that the officer is to visit.

A form gets it by naming the file, as `select_one_from_file households.csv` or `pulldata('households', …)` does.
"""

from __future__ import annotations

import csv
import io

from khotail.accounts.models import Officer
from khotail.facts.masking import masked_name
from khotail.register.models import Region
from khotail.visits.attachments import HOUSEHOLDS
from khotail.visits.models import Form
from khotail.visits.rounds import assignments_of

_NAMED = f"jr://file-csv/{HOUSEHOLDS}"
#: A helper has twenty households and a village some hundreds; a phone is not to carry a banner about.
_MOST = 2000


def asks_for_households(form: Form) -> bool:
    return _NAMED in form.xform


def households_csv(officer: Officer) -> bytes:
    """name, label, village, due: one line for each open visit of the officer; people by their first character alone."""
    rows = list(assignments_of(officer)[:_MOST])
    villages = dict(Region.objects.filter(code__in={row.region_code for row in rows}).values_list("code", "name"))
    lines = {
        row.household.number: (
            row.household.number,
            f"{masked_name(row.household.head_name)} {row.household.number}",
            villages.get(row.region_code, ""),
            row.due_on.isoformat(),
        )
        for row in reversed(rows)
    }
    out = io.StringIO()
    csv.writer(out).writerows([("name", "label", "village", "due"), *reversed(lines.values())])
    return out.getvalue().encode()
