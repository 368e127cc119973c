"""The whole trail proved in one pass, as a summary for a page or the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from khotail.texts import Text
from khotail.trail.chain import START, Break, breaks
from khotail.trail.models import ChainHead, Event

#: A trail that was replaced as a whole has a break at every event: the first of them say it all.
_MOST_BREAKS = 100
_TOLD_EVERY = 5000


@dataclass(frozen=True)
class Verified:
    """What was found.

    events  how many were read
    digest  the last link: written down elsewhere, it proves later that nothing up to here was replaced
    breaks  where the chain does not hold, at most the first hundred
    """

    events: int
    digest: str
    breaks: tuple[Break, ...]

    @property
    def is_whole(self) -> bool:
        return not self.breaks

    @property
    def sentence(self) -> Text:
        if self.is_whole:
            return Text(
                f"操作日志完整：{self.events} 条，末条校验值 {self.digest[:16]}…",
                f"The trail is whole: {self.events} events, last digest {self.digest[:16]}…",
            )
        first = self.breaks[0]
        return Text(
            f"操作日志被改动过：{len(self.breaks)} 处，首处在第 {first.event_id} 号（{_WHAT[first.what].zh}）。"
            "请保护好数据库和备份，并立即报告上级。",
            f"The trail was altered in {len(self.breaks)} places, first at event {first.event_id} "
            f"({_WHAT[first.what].en}). Keep the database and its backups as they are, and report it at once.",
        )

    def outcome(self) -> dict[str, object]:
        """Plain values, for a job's outcome."""
        return {
            "events": self.events, "digest": self.digest,
            "breaks": [[one.event_id, one.what] for one in self.breaks],
        }  # fmt: skip


_WHAT = {
    "changed": Text("内容被改", "changed"),
    "removed before": Text("之前有记录被删", "events before it removed"),
    "removed at the end": Text("之后有记录被删", "events after it removed"),
    "added at the end": Text("之后有记录被加", "an event added past the chain"),
}


def verify(progress: Callable[[int, int], None] | None = None) -> Verified:
    """Read the whole trail and prove it.

    progress  is told (done, total) now and then
    """
    head = ChainHead.objects.filter(pk=1).first()
    total = head.length if head else 0
    count, last = 0, START

    def seen(event: Event) -> None:
        nonlocal count, last
        count, last = count + 1, event.digest
        if progress and count % _TOLD_EVERY == 0:
            progress(count, max(total, count))

    found = tuple(islice(breaks(seen), _MOST_BREAKS))
    return Verified(count, last, found)
