"""Everything that is done with partners; each group has its module."""

from khotail.partners.helping import (
    let_go,
    match,
    offer,
    phone_of,
    pledge,
    receive,
    settle,
    take_in,
    take_up,
    tell_result,
    unmatch,
)
from khotail.partners.needs import publish, take_down, write_down
from khotail.partners.pairings import agree, deliver, end, follow, keep_in_touch, pair, promise, team_left
from khotail.partners.reminding import remind_overdue
from khotail.partners.sales import cancel, product, sell, share

__all__ = [
    "agree", "cancel", "deliver", "end", "follow", "keep_in_touch", "let_go", "match", "offer", "pair", "phone_of",
    "pledge", "product", "promise", "publish", "receive", "remind_overdue", "sell", "settle", "share", "take_down",
    "take_in", "take_up", "team_left", "tell_result", "unmatch", "write_down",
]  # fmt: skip
