"""A filled form as people read it: the questions' own labels, in both languages where the form has them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from khotail.register.sealed import unseal_bytes
from khotail.texts import Text
from khotail.visits.answers import Answers, read
from khotail.visits.converting import parsed
from khotail.visits.models import Form, Submission

_XFORMS = "{http://www.w3.org/2002/xforms}"
_BODY = "{http://www.w3.org/1999/xhtml}body"
_ITEXT = re.compile(r"jr:itext\('(.+?)'\)")
_INSTANCE = re.compile(r"instance\('(.+?)'\)")
_QUESTIONS = {f"{_XFORMS}{name}" for name in ("input", "select", "select1", "upload", "trigger", "range", "rank")}


@dataclass(frozen=True)
class Answered:
    """One question with its answers, one for each pass through its repeat. is_file: each is the name of a file."""

    label: Text
    values: list[Text]
    is_file: bool


def laid_out(submission: Submission) -> list[Answered]:
    """What was answered, in the order of the form."""
    return list(_laid_out(submission.form, Answers(read(unseal_bytes(bytes(submission.sealed))))))


def _laid_out(form: Form, answers: Answers) -> Iterator[Answered]:
    root = parsed(form.xform)
    texts, body = _texts(root), root.find(_BODY)
    for question in body.iter() if body is not None else ():
        path = question.get("ref", "")
        given = [answer for answer in answers.all(path) if answer] if question.tag in _QUESTIONS else []
        if not given:
            continue
        words = _choices(root, question, texts) if question.tag.endswith(("select", "select1", "rank")) else {}
        several = not question.tag.endswith("select1")
        yield Answered(
            _label(question, texts) or _same(path.rpartition("/")[2]),
            [_worded(answer, words, several) for answer in given],
            question.tag == f"{_XFORMS}upload",
        )


def _texts(root: Element) -> dict[str, Text]:
    """Text by the id that the form gives it; a form of one language says the same in both."""
    found: dict[str, dict[str, str]] = {}
    for translation in root.iter(f"{_XFORMS}translation"):
        language = translation.get("lang", "")
        key = "en" if "en" in language.lower() and "zh" not in language.lower() else "zh"
        for text in translation.iter(f"{_XFORMS}text"):
            value = text.find(f"{_XFORMS}value")
            if value is not None:
                found.setdefault(text.get("id", ""), {})[key] = " ".join("".join(value.itertext()).split())
    return {name: Text(said.get("zh") or said["en"], said.get("en") or said["zh"]) for name, said in found.items()}


def _label(element: Element, texts: dict[str, Text]) -> Text | None:
    label = element.find(f"{_XFORMS}label")
    if label is None:
        return None
    found = _ITEXT.search(label.get("ref", ""))
    return texts.get(found[1]) if found else _same("".join(label.itertext()).strip()) or None


def _choices(root: Element, question: Element, texts: dict[str, Text]) -> dict[str, Text]:
    words = {}
    for item in question.iter(f"{_XFORMS}item"):
        words[item.findtext(f"{_XFORMS}value", "")] = _label(item, texts)
    itemset = question.find(f"{_XFORMS}itemset")
    named = _INSTANCE.search(itemset.get("nodeset", "")) if itemset is not None else None
    for instance in root.iter(f"{_XFORMS}instance"):
        if named and instance.get("id") == named[1]:
            for item in instance.iter(f"{_XFORMS}item"):
                text = texts.get(item.findtext(f"{_XFORMS}itextId", ""))
                words[item.findtext(f"{_XFORMS}name", "")] = text or _same(item.findtext(f"{_XFORMS}label", ""))
    return {name: text for name, text in words.items() if text}


def _worded(answer: str, words: dict[str, Text], several: bool) -> Text:
    if not words:
        return _same(answer)
    parts = [words.get(one, _same(one)) for one in (answer.split() if several else [answer])]
    return Text("、".join(part.zh for part in parts), ", ".join(part.en for part in parts))


def _same(words: str) -> Text:
    return Text(words, words)
