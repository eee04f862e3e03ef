"""The few rooms on the left: each role sees only its own, in the order of its day."""

from __future__ import annotations

from dataclasses import dataclass, replace

from yigongti.kernel import wiring
from yigongti.kernel.access.door import Acting


@dataclass(frozen=True)
class Room:
    """A place in the navigation; shown to seats that hold one of the rights, or that may enter one of its parts."""

    title: str
    url: str
    icon: str
    rights: tuple[str, ...] = ()
    here: bool = False
    count: int | None = None
    also: tuple[str, ...] = ()
    """Further addresses that lie in this room."""
    parts: tuple[Room, ...] = ()
    """What lies behind one door, shown as tabs. A seat that may enter one of them only has that one as its room."""

    def holds(self, path: str) -> int:
        """How much of the path the room's addresses cover, in characters; 0 = it lies elsewhere."""
        own = (len(url) for url in (self.url, *self.also) if url not in ("", "/") and path.startswith(url))
        return max((*own, *(part.holds(path) for part in self.parts)), default=0)

    def open_to(self, acting: Acting) -> Room | None:
        """The room as this seat has it; None where it may enter nothing."""
        if not self.parts:
            return self if not self.rights or any(acting.may(right) for right in self.rights) else None
        mine = tuple(part for part in self.parts if part.open_to(acting))
        if len(mine) < 2:
            return mine[0] if mine else None
        return replace(self, url=mine[0].url, parts=mine)


def _marked(rooms: list[Room], path: str) -> list[Room]:
    """The one that holds most of the path is where one is; the first where none does."""
    best = max(rooms, key=lambda room: room.holds(path), default=None)
    at = best.url if best is not None and best.holds(path) else "/"
    return [replace(room, here=room.url == at) for room in rooms]


def rooms_for(acting: Acting, path: str) -> list[Room]:
    """The rooms of a seat, the one that `path` lies in marked."""
    return _marked([mine for room in wiring.offer("ROOMS") if (mine := room.open_to(acting))], path)


def tabs_for(rooms: list[Room], path: str) -> list[Room]:
    """The parts of the room one is in, on the pages that are a part's own; none deeper inside."""
    room = next((room for room in rooms if room.here), None)
    if room is None or not any(path in (part.url, *part.also) for part in room.parts):
        return []
    return _marked(list(room.parts), path)


def resident_rooms(path: str) -> list[Room]:
    """The resident's rooms: tabs at the bottom of a phone."""
    mine = [
        Room("记录", "/me/", "notes"), Room("健康卡", "/me/card/", "qrcode"), Room("进度", "/me/progress/", "route"),
        Room("预约", "/me/bookings/", "calendar"), Room("消息", "/me/messages/", "bell"), Room("家人", "/me/family/", "users"),
        Room("结算", "/me/fund/", "receipt"), Room("谁看过", "/me/looked/", "eye"), Room("投诉", "/me/voice/", "gavel"),
    ]  # fmt: skip
    return _marked(mine, path)
