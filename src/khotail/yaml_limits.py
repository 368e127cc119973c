"""Limits on YAML that strangers write: rulebooks and mappings.

Names for what stands elsewhere (`*name`) let a few lines unfold to more than any memory holds, and nesting without end
overruns the parser's stack, which ends the process. Nothing that people write by hand needs either.
"""

from __future__ import annotations

import re

import yaml

MAX_CHARACTERS = 4_000_000
MAX_DEPTH = 100
#: Where an anchor may stand. Most texts have none, and cannot repeat one.
_ANCHOR = re.compile(r"(?:^|[\s\[{,:?-])&\S")
#: A text that nests deeply has many brackets, or lines that begin far to the right.
_MANY_BRACKETS = 1_500
_LONG_LINE = 1_000


class Refused(yaml.YAMLError):
    """YAML that is well-formed and still not taken."""

    def __init__(self, detail: str, line: int) -> None:
        super().__init__(detail)
        self.line = line


def check_limits(text: str) -> None:
    """Raise Refused, with the line, on aliases, deep nesting and texts too long; yaml.YAMLError if they hide in bad YAML."""
    if len(text) > MAX_CHARACTERS:
        raise Refused(f"more than {MAX_CHARACTERS:,} characters", 1)
    if not _is_doubtful(text):
        return
    depth = 0
    for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            raise Refused(f"“*{event.anchor}” stands for another part; write that part out", line)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise Refused(f"nested more than {MAX_DEPTH} deep", line)


def _is_doubtful(text: str) -> bool:
    """Whether the text is worth a closer look, which takes as long as half the reading."""
    return (
        ("&" in text and _ANCHOR.search(text) is not None)
        or text.count("[") + text.count("{") > _MANY_BRACKETS
        or max(map(len, text.splitlines()), default=0) > _LONG_LINE
    )
