"""When an artifact may go, and why nothing goes that somebody can still reach.

Let a member's *word* be the moment when it began its newest mark, or was registered if it has none, and the *cutoff*
the earliest word of all, less a grace period. An artifact goes to the trash if no mark and no pin has it and it was
last touched before the cutoff; it is removed for good if no mark and no pin has it and it went to the trash before the
cutoff.

- What a document or a file has referred to since before its member's word is in that member's mark.
- What came into a document after that, by a put, a paste, an undo or by being opened, was touched after the cutoff.
- A file that came after that, by a copy or a checkout, touches nothing. What it refers to may go to the trash. It is
  found there by whoever reads it, and by the file's own member's next word, long before it could be removed.
- What was dropped at some moment was in every mark until then. So it goes to the trash after that moment, and is
  removed a grace period later at the earliest: an undo within grace finds it.

Clocks may be off by minutes, which an hour covers, and by days without harm to what is in a mark.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ...errors import InvalidSetting
from ..lifetimes import TOUCH_AGAIN_S
from .marks import Mark
from .members import Member

CLOCKS_S = 3600.0
"""How far the clocks of members and of the store may be apart."""

DAY_S = 24 * 3600.0
_LEAST_GRACE_S = TOUCH_AGAIN_S + 24 * CLOCKS_S


@dataclass(frozen=True, slots=True)
class Rules:
    """What an administrator may choose.

    Attributes:
        grace_s: how long what nobody refers to is kept in its place, and then again in the trash.
    """

    grace_s: float = 14 * DAY_S

    def __post_init__(self) -> None:
        if not self.grace_s >= _LEAST_GRACE_S:
            raise InvalidSetting(
                f"a grace period of {self.grace_s / DAY_S:g} days cannot work, since what is in use is touched once a "
                f"day: give {_LEAST_GRACE_S / DAY_S:g} days or more"
            )

    def cutoff(self, members: Iterable[Member], marks: Iterable[Mark]) -> float | None:
        """What was touched before this may go, in POSIX seconds; None while nothing may, since there is no member.

        Args:
            members: all of them.
            marks: all of them.
        """
        words = [word if word is not None else member.since for member, word in words_of(members, marks)]
        return min(words) - self.grace_s - CLOCKS_S if words else None

    def fresh(self, store_now: float) -> float:
        """What was touched after this is young for every collector that begins within a day, in POSIX seconds."""
        return store_now - self.grace_s + DAY_S


def words_of(members: Iterable[Member], marks: Iterable[Mark]) -> list[tuple[Member, float | None]]:
    """Each member with the moment that its marks are good for, in POSIX seconds; None if it has none."""
    by_member: dict[str, float] = {}
    for mark in marks:
        by_member[mark.member] = min(mark.began, by_member.get(mark.member, mark.began))
    return [(member, by_member.get(member.id)) for member in members]
