"""What `khotail check` and the start of the server say about the banner's own Mongolian texts."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Warning

from khotail.portal import mongolian


def check_mongolian(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """One warning per line of the file that is left out."""
    return [Warning(each, id="khotail.portal.W001") for each in mongolian.own_texts().problems]
