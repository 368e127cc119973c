"""The rulebooks that come with Khotail, one folder each."""

#: The one that is used where none is named.
DEFAULT_BOOK = "cn_15"
