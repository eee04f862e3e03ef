"""The few rooms on the left: each role sees only its own, in the order of its day."""

from __future__ import annotations

from dataclasses import dataclass, replace

from yigongti.kernel import wiring
from yigongti.kernel.access.door import Acting


@dataclass(frozen=True)
class Room:
    """A place in the navigation; shown to seats that hold one of the rights."""

    title: str
    url: str
    icon: str
    rights: tuple[str, ...] = ()
    here: bool = False
    count: int | None = None
    also: tuple[str, ...] = ()
    """Further addresses that lie in this room."""

    def holds(self, path: str) -> int:
        """How much of the path the room's addresses cover, in characters; 0 = it lies elsewhere."""
        return max((len(url) for url in (self.url, *self.also) if url != "/" and path.startswith(url)), default=0)


def rooms_for(acting: Acting, path: str) -> list[Room]:
    """The rooms of a seat, the one that `path` lies in marked."""
    mine = [room for room in wiring.offer("ROOMS") if not room.rights or any(acting.may(r) for r in room.rights)]
    best = max(mine, key=lambda room: room.holds(path), default=None)
    at = best.url if best is not None and best.holds(path) else "/"
    return [replace(room, here=room.url == at) for room in mine]


def resident_rooms(path: str) -> list[Room]:
    """The resident's rooms: tabs at the bottom of a phone."""
    mine = [
        Room("记录", "/me/", "notes"), Room("健康卡", "/me/card/", "qrcode"), Room("进度", "/me/progress/", "route"),
        Room("预约", "/me/bookings/", "calendar"), Room("消息", "/me/messages/", "bell"), Room("家人", "/me/family/", "users"),
        Room("结算", "/me/fund/", "receipt"), Room("谁看过", "/me/looked/", "eye"), Room("投诉", "/me/voice/", "gavel"),
    ]  # fmt: skip
    best = max((room.url for room in mine if path.startswith(room.url)), key=len, default="/me/")
    return [replace(room, here=room.url == best) for room in mine]
