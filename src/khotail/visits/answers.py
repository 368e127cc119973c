"""The answers of a filled form, by the paths of its questions."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from khotail.texts import typed
from khotail.visits.problems import SubmissionWrong

_DEEPEST = 60


def read(xml: bytes) -> Element:
    """The root of a submission; without entities, document types or anything from elsewhere. Raises SubmissionWrong."""
    try:
        root: Element = ElementTree.fromstring(xml, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, ValueError, RecursionError) as error:
        raise SubmissionWrong(zh="不是完整、安全的 XML", en="it is not whole and safe XML") from error
    return root


class Answers:
    """Answers by path; a question in a repeat has one per pass. Raises SubmissionWrong for XML that is nested too deep."""

    def __init__(self, root: Element) -> None:
        self.root_name = local_name(root)
        self._all: dict[str, list[str]] = {}
        for path, element in _walk(root, f"/{self.root_name}", 0):
            if len(element) == 0:
                self._all.setdefault(path, []).append(typed(element.text or ""))

    @property
    def instance_id(self) -> str:
        """meta/instanceID, wherever its namespace puts it."""
        return self.first(f"/{self.root_name}/meta/instanceID")

    def first(self, path: str) -> str:
        return next(iter(self._all.get(path, ())), "")

    def all(self, path: str) -> list[str]:
        return self._all.get(path, [])

    def passes(self, paths: list[str]) -> list[dict[str, str]]:
        """Answers to these questions, one row for each pass through the innermost repeat that holds one of them.

        Questions outside the repeat give the same answer in each row.
        """
        times = max((len(self.all(path)) for path in paths), default=0)
        return [
            {
                path: answers[n] if len(answers) == times else next(iter(answers), "")
                for path in paths
                for answers in (self.all(path),)
            }
            for n in range(times)
        ]


def _walk(element: Element, path: str, depth: int) -> Iterator[tuple[str, Element]]:
    if depth > _DEEPEST:
        raise SubmissionWrong(zh="层次太深", en="it is nested too deep")
    yield path, element
    for child in element:
        if isinstance(child.tag, str):
            yield from _walk(child, f"{path}/{local_name(child)}", depth + 1)


def local_name(element: Element) -> str:
    """An element's name without its namespace."""
    return element.tag.rpartition("}")[2]
