"""Files that a form asks for beside itself. There is one that we can give: `households.csv`, the visits still to make.

Any other list belongs into the form's own `choices` sheet, and pictures into no question: a phone would get neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from khotail.visits.problems import FileNotThere

HOUSEHOLDS = "households.csv"
_XFORMS = "{http://www.w3.org/2002/xforms}"
_GIVEN = (f"jr://file-csv/{HOUSEHOLDS}", "jr://instance/last-saved")
_FORMULAS = ("calculate", "constraint", "relevant", "required", "readonly")
_MEDIA = re.compile(r"jr://(?:images|audio|video|file|file-csv)/(\S+)")


def check_files(root: Element) -> None:
    """Raises FileNotThere, which names the question, for a form that asks for a file that no device would get."""
    for question, file in _asked(root):
        raise FileNotThere(question=question, file=file[:120])


def _asked(root: Element) -> Iterator[tuple[str, str]]:
    for instance in root.iter(f"{_XFORMS}instance"):
        source = instance.get("src", "")
        if source and source not in _GIVEN:
            yield _user_of(root, instance.get("id", "")), source.rpartition("/")[2]
    for text in root.iter(f"{_XFORMS}text"):
        for value in text.iter(f"{_XFORMS}value"):
            if found := _MEDIA.match((value.text or "").strip()):
                yield _name(text.get("id", "").partition(":")[0]), found[1]


def _user_of(root: Element, instance: str) -> str:
    """The question whose choices or formula come from the instance; the instance's own name if none does."""
    named, pulled = f"instance('{instance}')", f"pulldata('{instance}',"
    for question in root.iter():
        itemset = question.find(f"{_XFORMS}itemset")
        if itemset is not None and named in itemset.get("nodeset", "").replace('"', "'"):
            return _name(question.get("ref", ""))
    for bind in root.iter(f"{_XFORMS}bind"):
        formulas = " ".join(bind.get(name, "") for name in _FORMULAS).replace('"', "'")
        if named in formulas or pulled in formulas.replace("( ", "("):
            return _name(bind.get("nodeset", ""))
    return instance


def _name(path: str) -> str:
    return path.rpartition("/")[2]
