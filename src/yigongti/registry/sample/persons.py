"""Persons who are hard to keep apart or to name, in a simulated county: a few of each kind, duplicates that wait, cards, moves,
deaths. Runs after care's sample, so that what it adds leaves what others draw as it is.
"""

from __future__ import annotations

import random
from datetime import date, timedelta

from yigongti.kernel import calendar, crypto, ids
from yigongti.kernel.access.models import Seat, Unit
from yigongti.kernel.sampling import Sampling, copy_in, uuid_of
from yigongti.registry import identifiers
from yigongti.registry.actions.resident_bulk import write_residents
from yigongti.registry.actions.soundings import soundings
from yigongti.registry.models import Card, Kin, LifeEvent, Resident, Sounding, Suspect
from yigongti.registry.queries.duplicates import likeness
from yigongti.registry.rows import ResidentRow
from yigongti.registry.rules import cards
from yigongti.registry.sample.merges import settled

ONE_IN, MOST_TWINS, MOST_CARDS = 60, 60, 20_000
"""One resident in so many was entered twice, up to so many; as many at most get a card."""
_DEMONSTRATION_SERIAL = 900
DRAWN_CARDS = 500_000_000
"""Serials of cards are drawn below it; from there on they are counted up for the copies of the fast path."""


def sample(sampling: Sampling) -> None:
    """Write the hard persons. Runs as owner inside maintenance."""
    rng = sampling.rng("registry", "hard")
    region = Unit.objects.get(kind=Unit.Kind.REGION, place__startswith=sampling.place[:6])
    known = list(
        Resident.objects.filter(status="living", merged=False, home__isnull=False).order_by("pk")[: MOST_TWINS * ONE_IN]
    )
    twins = [one for place, one in enumerate(known) if place % ONE_IN == 7 or place in (3, 11, 19)][:MOST_TWINS]
    rows = [*(_twin(one) for one in twins), *_hard(sampling, known)]
    _, faults = write_residents(rows, registered=region, on=sampling.as_of, simulated=True)
    if faults:
        raise RuntimeError("; ".join(f"{fault.index}.{fault.field}: {fault.reason}" for fault in faults[:5]))
    seats = {s.unit_id: s.pk for s in Seat.objects.filter(role_id="village_doctor").order_by("-pk")}
    pairs = _pairs(twins)
    merged = settled(sampling, pairs, seats)
    _suspects([(one, other) for one, other in pairs if other.pk not in merged])
    _kin(known, seats)
    _lives(sampling, rng, known, seats)
    _cards(sampling, rng, seats)
    _soundings()


def _twin(one: Resident) -> ResidentRow:
    """The same person, entered a second time without the card."""
    return ResidentRow(
        name=one.name, place=one.place, sex=one.sex, birth_date=one.birth_date, id_kind="none",
        household="" if one.pk % 2 else one.household, address="补建档案",
    )  # fmt: skip


def _hard(sampling: Sampling, known: list[Resident]) -> list[ResidentRow]:
    """One or two of every kind: other papers, rare characters, long names, an old number, namesakes, a newborn."""
    places = sorted({one.place for one in known})
    county, serial = sampling.place[:6], iter(range(_DEMONSTRATION_SERIAL, 999, 2))

    def number(born: date, male: bool) -> str:
        return ids.compose_resident(county, born, next(serial) + male)

    def at(place: int) -> str:
        return places[place % len(places)]

    same = date(1968, 10, 1)
    old = number(date(1951, 5, 4), True)
    return [
        ResidentRow("JOHN SMITH", at(0), "male", date(1979, 4, 2), "passport", "E12345678", insurance="none"),
        ResidentRow("TANAKA YUKI", at(1), "female", date(1988, 8, 9), "passport", "TR7654321", insurance="none"),
        ResidentRow("陈嘉欣", at(2), "female", date(1990, 2, 3), "hongkong_macao", "H12345678", insurance="employees"),
        ResidentRow("林志豪", at(3), "male", date(1985, 6, 7), "taiwan", "12345678", insurance="employees"),
        ResidentRow("𠮷田富", at(4), "male", date(1957, 3, 8), "resident", number(date(1957, 3, 8), True)),
        ResidentRow("王㐂兰", at(5), "female", date(1949, 12, 2), "resident", number(date(1949, 12, 2), False), tags=("elderly",)),
        ResidentRow("古丽巴哈尔·阿卜杜热合曼·买买提", at(6), "female", date(1983, 7, 1), "resident",
                    number(date(1983, 7, 1), False)),
        ResidentRow("周守田", at(7), "male", date(1951, 5, 4), "resident", old[:6] + old[8:17], tags=("elderly",)),
        ResidentRow("单玉乐", at(8), "female", date(1966, 1, 9), "resident", number(date(1966, 1, 9), False)),
        ResidentRow("张建国", at(9), "male", same, "resident", number(same, True), phone="19900000901"),
        ResidentRow("张建国", at(10), "male", same, "resident", number(same, True), phone="19900000902"),
    ]  # fmt: skip


def _pairs(twins: list[Resident]) -> list[tuple[Resident, Resident]]:
    """Each of them with the entry that was made again."""
    found = []
    for one in twins:
        other = (
            Resident.objects.filter(name=one.name, birth_date=one.birth_date, id_kind="none", address="补建档案")
            .exclude(pk=one.pk).order_by("-pk").first()
        )  # fmt: skip
        if other is not None:
            found.append((one, other))
    return found


def _suspects(pairs: list[tuple[Resident, Resident]]) -> None:
    """What the nightly robot would have found."""
    rows, now = [], calendar.now()
    for one, other in pairs:
        alike = likeness(one, other)
        if alike.probable:
            rows.append(Suspect(
                a_id=min(one.pk, other.pk), b_id=max(one.pk, other.pk), score=alike.score, found_at=now,
                evidence=[list(part) for part in alike.weighed], differs=list(alike.differs),
            ))  # fmt: skip
    copy_in(rows)


def _kin(known: list[Resident], seats: dict[int, int]) -> None:
    """The youngest without a number get a mother of their household where there is one."""
    rows, now, had = [], calendar.now(), set[tuple[int, date]]()
    babies = Resident.objects.filter(id_kind="none", birth_date__gte=calendar.today() - timedelta(days=400)).order_by(
        "pk"
    )
    for child in babies[:200]:
        mother = next(
            (one for one in known if one.household and one.household == child.household and one.sex == "female"
             and 18 <= (child.birth_date - one.birth_date).days // 365 <= 45), None,
        )  # fmt: skip
        if mother is None or mother.home_id not in seats or (mother.pk, child.birth_date) in had:
            continue
        had.add((mother.pk, child.birth_date))
        rows.append(Kin(
            child_id=child.pk, mother_id=mother.pk, born=child.birth_date, unit_id=mother.home_id,
            seat_id=seats[mother.home_id], at=now,
        ))  # fmt: skip
    copy_in(rows)


def _lives(sampling: Sampling, rng: random.Random, known: list[Resident], seats: dict[int, int]) -> None:
    """A few deaths and moves of the last months, away from those whom other samples chose."""
    chosen = [one for one in known if one.home_id in seats and not one.tags][-24:]
    rows = []
    for place, one in enumerate(chosen[:: max(1, len(chosen) // 8)]):
        assert one.home_id is not None
        died = place % 2 == 0
        on = sampling.as_of - timedelta(days=rng.randrange(10, 200))
        if on < one.birth_date:
            continue
        rows.append(LifeEvent(
            client_id=uuid_of(rng), subject_id=one.pk, kind="died" if died else "moved_out", on=on,
            source="certificate" if died else "village", place_from=one.place, elsewhere="" if died else "外省务工定居",
            before={"status": "living", "status_on": None, "place": one.place, "address": one.address},
            unit_id=one.home_id, seat_id=seats[one.home_id], at=calendar.start_of(on) + timedelta(hours=34),
        ))  # fmt: skip
        Resident.objects.filter(pk=one.pk).update(status="dead" if died else "moved", status_on=on)
    copy_in(rows)


def _cards(sampling: Sampling, rng: random.Random, seats: dict[int, int]) -> None:
    """One in five has a health card; the first resident's stands beside a lost one and an insurance card."""
    ring, rows, county = crypto.ring(), list[Card](), sampling.place[:6]
    people = Resident.objects.filter(status="living", home_id__in=seats).order_by("pk").values_list("pk", "home_id")
    drawn = rng.sample(range(DRAWN_CARDS), MOST_CARDS + 10)
    for place, (subject, home) in enumerate(people[: MOST_CARDS * 5]):
        if place and place % 5:
            continue
        kinds = (("health", "lost"), ("health", "active"), ("paper", "active"), ("insurance", "active"))
        for kind, status in kinds if not place else kinds[1:2]:
            number = cards.number(county, drawn.pop()) if kind != "insurance" else f"D{county}{drawn.pop():09d}"
            issued = calendar.start_of(sampling.as_of - timedelta(days=rng.randrange(5, 300)))
            rows.append(Card(
                client_id=uuid_of(rng), subject_id=subject, kind=kind, status=status,
                number_cipher=ring.encrypt(number, context=identifiers.CARD_CONTEXT), number_index=ring.index_identity(number),
                issued_at=issued, unit_id=home, seat_id=seats[home], simulated=True,
                ended_at=issued + timedelta(days=1) if status == "lost" else None, ended_why="挂失" if status == "lost" else "",
            ))  # fmt: skip
    copy_in(rows)


def _soundings() -> None:
    """Every other reading of every name."""
    rows: list[Sounding] = []
    for subject, name in Resident.objects.values_list("pk", "name").iterator(chunk_size=10_000):
        rows += soundings(subject, name)
        if len(rows) >= 20_000:
            copy_in(rows)
            rows = []
    copy_in(rows)
