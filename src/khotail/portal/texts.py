"""Every text of the portal's own pages, as it stands in the program: what a translator would have to translate."""

from __future__ import annotations

import functools
import re
from pathlib import Path

_HERE = Path(__file__).parent
_IN_TEMPLATES = re.compile(r'{%\s*(?:translate|blocktranslate trimmed)\s+"((?:[^"\\]|\\.)+)"')
_BLOCKS = re.compile(r"{%\s*blocktranslate\b([^%]*)%}(.*?){%\s*endblocktranslate\s*%}", re.DOTALL)
_IN_CODE = re.compile(r'\b(?:_|gettext|gettext_lazy)\(\s*((?:"(?:[^"\\]|\\.)+"\s*)+)')
_LITERAL = re.compile(r'"((?:[^"\\]|\\.)+)"')
_VARIABLE = re.compile(r"{{\s*(\w+)\s*}}")
_PLURAL = re.compile(r"{%\s*plural\s*%}")


@functools.cache
def of_portal() -> frozenset[str]:
    """The texts in English. Read from the templates and modules themselves, so that none is forgotten."""
    found: set[str] = set()
    for path in sorted((_HERE / "templates").rglob("*.html")):
        content = path.read_text(encoding="utf-8")
        found.update(each.replace('\\"', '"') for each in _IN_TEMPLATES.findall(content))
        for options, block in _BLOCKS.findall(content):
            found.update(_worded(part, "trimmed" in options) for part in _PLURAL.split(block))
    for path in sorted(_HERE.rglob("*.py")):
        for parts in _IN_CODE.findall(path.read_text(encoding="utf-8")):
            found.add("".join(_LITERAL.findall(parts)).replace('\\"', '"'))
    return frozenset(found)


def _worded(block: str, trimmed: bool) -> str:
    words = " ".join(line.strip() for line in block.strip().splitlines()) if trimmed else block
    return _VARIABLE.sub(r"%(\1)s", words.replace("%", "%%"))
