"""The rulebook: the law as data, loaded, checked, compiled and explained."""

from khotail.rulebook.load import built_in_books, load_rulebook
from khotail.rulebook.model import Rule, Rulebook

__all__ = ["Rule", "Rulebook", "built_in_books", "load_rulebook"]
