"""Everything that is done with entitlements: a run of the programmes, and what people do about what is missed."""

from khotail.entitlements.marking import ask_for_it, mark
from khotail.entitlements.running import ask_for_run, run

__all__ = ["ask_for_it", "ask_for_run", "mark", "run"]
