"""Khotail: see which rural households are about to fall back into poverty, and why.

As a library, seven verbs:

    import khotail
    facts = khotail.read("监测对象信息.xlsx", "已外出务工信息.xlsx")
    found = khotail.screen(facts, as_of=date(2026, 10, 31), region="1522")
    khotail.entitle(facts, region="1522").households_missing()
    khotail.explain(facts, "15222110…", as_of=date(2026, 10, 31))

See docs/library.md. Nothing heavy is imported until a verb is called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from khotail.verbs import audit, entitle, explain, open_facts, read, screen, simulate

__all__ = ["audit", "entitle", "explain", "open_facts", "read", "screen", "simulate"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from khotail import verbs

        return getattr(verbs, name)
    raise AttributeError(f"module 'khotail' has no attribute '{name}'")
