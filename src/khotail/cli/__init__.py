"""The `khotail` command. Each command parses, calls the core once and shows what came back."""

from khotail.cli.main import main

__all__ = ["main"]
