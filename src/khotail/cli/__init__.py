"""The `khotail` command. Each command parses, calls the core once and shows what came back."""

import sys

try:
    from khotail.cli.main import main
except KeyboardInterrupt:
    # Ctrl-C in the tenth of a second in which the commands are loaded, before anything could be begun.
    sys.stderr.write("已取消。Cancelled.\n")
    raise SystemExit(130) from None

__all__ = ["main"]
