"""Papers of a case as PDF: forms to be signed, notices to be posted, decisions to be handed over.

A paper belongs to a step: the one at which the rulebook asks for it back, signed, stamped or photographed. They are in
Chinese, the language of the procedure, whatever the reader's own is.
"""

from __future__ import annotations

from khotail.casework.papers.kinds import PAPERS, Paper, papers_of
from khotail.casework.papers.rendering import render

__all__ = ["PAPERS", "Paper", "papers_of", "render"]
