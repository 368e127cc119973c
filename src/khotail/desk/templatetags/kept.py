"""`{% kept "name" what it depends on … %}`: a part of a page that is the same for many readers, made once in each process.

Language and rulebook are always part of what it depends on; everything else that it shows must be named, or be the token
against forged forms, which is put in anew each time.
"""

from __future__ import annotations

import secrets
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from khotail.screening.rulebook import version

register = template.Library()

#: Parts kept at most; then all are made again.
_MOST = 2_000
_TOKEN = secrets.token_hex(16)  # stands where each page's own goes
_made: dict[tuple[Any, ...], SafeString] = {}


class Kept(template.Node):
    def __init__(self, content: template.NodeList, key: list[Any]) -> None:
        self.nodelist, self.key = content, key

    def render(self, context: template.Context) -> str:
        key = (get_language(), version(), *(part.resolve(context) for part in self.key))
        made = _made.get(key)
        if made is None:
            with context.push(csrf_token=_TOKEN):
                made = self.nodelist.render(context)
            if len(_made) >= _MOST:
                _made.clear()
            _made[key] = made
        if _TOKEN not in made:
            return made
        return mark_safe(made.replace(_TOKEN, str(context.get("csrf_token", ""))))


@register.tag
def kept(parser: template.base.Parser, token: template.base.Token) -> Kept:
    key = [parser.compile_filter(part) for part in token.split_contents()[1:]]
    content = parser.parse(("endkept",))
    parser.delete_first_token()
    return Kept(content, key)
