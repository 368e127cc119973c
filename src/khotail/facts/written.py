"""Values as a list writes them."""

from __future__ import annotations

from typing import Any


def as_written(value: Any) -> str:
    """`value` in a cell: 是 or 否, whole numbers without a decimal point, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
