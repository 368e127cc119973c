"""YAML files as entries that know their lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import yaml


class Entry(dict[str, Any]):
    """A YAML mapping that knows the line it starts on and the line of each of its keys."""

    line: int = 1
    lines: dict[str, int]


@dataclass(frozen=True)
class Unread:
    """A part of a file that is parsed but not yet turned into values: examples, which only a check reads."""

    node: yaml.Node

    def read(self) -> Any:
        """The values. Raises yaml.YAMLError."""
        return _Loader("").construct_document(self.node)


class DuplicateKey(yaml.YAMLError):
    """The same key twice in one mapping, which YAML would resolve by dropping the first in silence."""

    def __init__(self, key: str, line: int) -> None:
        super().__init__(f"the key “{key}” stands twice")
        self.line = line


_READ_LATER = "examples"


class _Loader(yaml.CSafeLoader):
    """Only `true` and `false` are booleans (`on:` is a key), and only plain digits are numbers (`1_02` is an id)."""


_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern) for tag, pattern in resolvers if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:int")
    ]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$"), list("-+0123456789"))


def _construct_entry(loader: _Loader, node: yaml.MappingNode) -> Iterator[Entry]:
    entry = Entry()
    entry.line = node.start_mark.line + 1
    entry.lines = {}
    yield entry
    for key_node, value_node in node.value:
        key = str(loader.construct_object(key_node, deep=True))
        line = key_node.start_mark.line + 1
        if key in entry:
            raise DuplicateKey(key, line)
        entry[key] = Unread(value_node) if key == _READ_LATER else loader.construct_object(value_node, deep=True)
        entry.lines[key] = line


_Loader.add_constructor("tag:yaml.org,2002:map", _construct_entry)


def read_yaml(text: str) -> Any:
    """Parse YAML text; mappings come back as `Entry`. Raises yaml.YAMLError."""
    return yaml.load(text, Loader=_Loader)


def is_day(value: Any) -> bool:
    """Whether YAML gave a date; one with a time of day cannot be compared with dates."""
    return type(value) is date


def error_line(error: yaml.YAMLError) -> int:
    """The line (from 1) that a YAML error points to."""
    if isinstance(error, DuplicateKey):
        return error.line
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    return mark.line + 1 if mark else 1
