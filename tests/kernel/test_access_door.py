"""The door and the fence on a bare county of two institutions."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError, connection
from tests.support.people import Bare, bare_county

from yigongti.kernel.access.door import AlreadyInside, Outside, SessionEnded, SessionTicket, acting_as, current
from yigongti.kernel.access.models import Grant, NothingUpdated, Seat, Subject, Unit
from yigongti.kernel.audit import log

pytestmark = pytest.mark.database


@pytest.fixture
def bare(database: object, as_owner: object) -> Bare:
    return bare_county(as_owner)


def test_outside_the_door_a_query_raises_instead_of_returning_nothing(bare: Bare) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        list(Subject.objects.all())


def test_inside_the_door_the_database_says_who_acts_and_how_far_the_seat_reaches(bare: Bare) -> None:
    with acting_as(bare.ticket("doctor_a")) as acting:
        assert acting.unit_id == bare.a and acting.units == (bare.a,)
        assert acting.may("referral.sender") and not acting.may("access.manage")
        assert current() is acting
    with pytest.raises(Outside):
        current()


def test_a_second_entry_inside_the_first_raises(bare: Bare) -> None:
    other = bare.ticket("doctor_b")
    with acting_as(bare.ticket("doctor_a")), pytest.raises(AlreadyInside):
        with acting_as(other):
            pass


def test_leaving_by_an_error_restores_role_and_context(bare: Bare) -> None:
    with pytest.raises(ZeroDivisionError), acting_as(bare.ticket("doctor_a")):
        1 / 0  # noqa: B018
    with pytest.raises(ProgrammingError):
        list(Subject.objects.all())


@pytest.mark.parametrize("forged", ["", "0" * 64 + " x", "nonsense"])
def test_a_forged_context_is_an_error_not_a_wider_reach(bare: Bare, forged: str) -> None:
    with acting_as(bare.ticket("doctor_a")), connection.cursor() as cursor:
        cursor.execute("select set_config('ygt.context', %s, true)", [forged])
        if forged:
            with pytest.raises(ProgrammingError, match="not genuine"):
                cursor.execute("select count(*) from access_grant")
            connection.set_rollback(True)
        else:
            cursor.execute("select count(*) from access_grant")
            assert cursor.fetchone() == (0,)


def test_a_context_replayed_in_another_transaction_is_refused(bare: Bare) -> None:
    with acting_as(bare.ticket("doctor_a")), connection.cursor() as cursor:
        cursor.execute("select current_setting('ygt.context')")
        (kept,) = cursor.fetchone()
    with acting_as(bare.ticket("doctor_b")), connection.cursor() as cursor:
        cursor.execute("select set_config('ygt.context', %s, true)", [kept])
        with pytest.raises(ProgrammingError, match="another transaction"):
            cursor.execute("select count(*) from access_grant")
        connection.set_rollback(True)


def test_a_closed_session_opens_nothing(bare: Bare) -> None:
    from yigongti.kernel.access import signin

    ticket = bare.ticket("doctor_a")
    assert isinstance(ticket, SessionTicket)
    signin.close_session(ticket.token)
    with pytest.raises(SessionEnded), acting_as(ticket):
        pass


def test_another_units_relations_are_invisible_and_cannot_be_written(bare: Bare) -> None:
    with acting_as(bare.ticket("doctor_b")):
        assert Grant.objects.filter(unit_id=bare.a).count() == 0
        with pytest.raises(NothingUpdated):
            Grant.objects.filter(unit_id=bare.a).update(note="x")
    with pytest.raises(ProgrammingError, match="row-level security"), acting_as(bare.ticket("doctor_b")):
        bare.relate(bare.a, seat="doctor_b")


def test_with_the_fence_off_the_other_units_rows_would_show(bare: Bare, admin: object) -> None:
    admin.execute(
        "alter table access_grant no force row level security; alter table access_grant disable row level security"
    )  # type: ignore[attr-defined]
    with acting_as(bare.ticket("doctor_b")):
        assert Grant.objects.filter(unit_id=bare.a).count() == 1


def test_units_are_seen_by_every_seat_and_changed_by_few(bare: Bare) -> None:
    with acting_as(bare.ticket("doctor_a")):
        assert Unit.objects.count() >= 4
        with pytest.raises(NothingUpdated):
            Unit.objects.filter(pk=bare.a).update(name="x")


def test_a_refusal_is_logged_on_a_connection_of_its_own(bare: Bare, admin: object) -> None:
    with log.collecting(source="127.0.0.1", path="/x") as entries:
        entries.refused("Denied", "resident.search")
    row = admin.execute("select outcome, why from audit_entry order by id desc limit 1").fetchone()  # type: ignore[attr-defined]
    assert row == ("denied", "resident.search")


def test_seats_of_residents_are_not_listed_for_staff(bare: Bare) -> None:
    with acting_as(bare.ticket("doctor_a")):
        assert not Seat.objects.filter(subject_id__isnull=False).exists()
