"""YAML files as entries that know their lines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

import yaml

from khotail.yaml_limits import Refused, check_limits


class Entry(dict[str, Any]):
    """A YAML mapping that knows the line it starts on and the line of each of its keys."""

    line: int = 1
    lines: dict[str, int]


@dataclass(frozen=True)
class Unread:
    """A part of a file that is parsed but not yet turned into values: examples, which only a check reads."""

    node: yaml.Node

    def read(self) -> Any:
        """The values. Raises yaml.YAMLError, and ValueError on a day that no calendar has."""
        return _built(_Loader(""), self.node)


_READ_LATER = "examples"
_TEXT, _LIST, _MAPPING = (f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map"))
_BOOLEAN, _INTEGER = "tag:yaml.org,2002:bool", "tag:yaml.org,2002:int"


class _Loader(yaml.CSafeLoader):
    """Only `true` and `false` are booleans (`on:` is a key), and only plain digits are numbers (`1_02` is an id).

    Nodes are composed in C. PyYAML's own resolver looks at the path to each node and its constructor at the node's
    identity; a rulebook needs neither, and its 30,000 nodes are read in half the time without.
    """

    def resolve(self, kind: type[yaml.Node], value: str, implicit: tuple[bool, bool]) -> str:
        """The tag of a node: a scalar in quotes is text, one without is what it looks like."""
        if kind is yaml.ScalarNode:
            if implicit[0]:
                for tag, pattern in self.yaml_implicit_resolvers.get(value[:1], ()):
                    if pattern.match(value):
                        return str(tag)
            return _TEXT
        return _MAPPING if kind is yaml.MappingNode else _LIST

    def descend_resolver(self, *_: Any) -> None: ...

    def ascend_resolver(self) -> None: ...


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in (_BOOLEAN, _INTEGER)]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_BOOLEAN, re.compile(r"^(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver(_INTEGER, re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$"), list("-+0123456789"))


def read_yaml(text: str) -> Any:
    """Parse YAML text; mappings come back as `Entry`.

    Raises yaml.YAMLError, also on what `khotail.yaml_limits` refuses, and ValueError on a day that no calendar has.
    """
    check_limits(text)
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        return None if node is None else _built(loader, node)
    finally:
        loader.dispose()


def _built(loader: _Loader, node: yaml.Node) -> Any:
    if node.tag == _TEXT and isinstance(node, yaml.ScalarNode):
        return node.value
    if isinstance(node, yaml.SequenceNode):
        return [_built(loader, item) for item in node.value]
    if not isinstance(node, yaml.MappingNode):
        return loader.construct_object(node)
    entry = Entry()
    entry.line = node.start_mark.line + 1
    entry.lines = {}
    for key_node, value_node in node.value:
        key, line = str(key_node.value), key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise Refused("a key must be one word", line)
        if key in entry:
            raise Refused(f"the key “{key}” stands twice", line)
        entry[key] = Unread(value_node) if key == _READ_LATER else _built(loader, value_node)
        entry.lines[key] = line
    return entry


def is_day(value: Any) -> bool:
    """Whether YAML gave a date; one with a time of day cannot be compared with dates."""
    return type(value) is date


def error_line(error: yaml.YAMLError) -> int:
    """The line (from 1) that a YAML error points to."""
    if isinstance(error, Refused):
        return error.line
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    return mark.line + 1 if mark else 1
