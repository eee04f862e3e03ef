"""A first password must be changed, and a role that needs a second factor must have one, before anything else works."""

from __future__ import annotations

import pytest
from tests.support.people import Bare, bare_county

from yigongti.kernel.access import signin
from yigongti.kernel.access.door import acting_as
from yigongti.kernel.access.models import Account, Grant

pytestmark = pytest.mark.database


@pytest.fixture
def bare(database: object, as_owner: object) -> Bare:
    return bare_county(as_owner)


def test_an_account_with_a_first_password_enters_without_rights_or_reach(bare: Bare, admin: object) -> None:
    admin.execute("update access_account set must_change = true where login = 'doctor_a'")  # type: ignore[attr-defined]
    with acting_as(bare.ticket("doctor_a")) as acting:
        assert acting.rights == frozenset()
        assert acting.units == ()
        assert Grant.objects.count() == 0
        assert Account.objects.get().login == "doctor_a"
        Account.objects.filter(pk=acting.account_id).update(must_change=False)
    with acting_as(bare.ticket("doctor_a")) as acting:
        assert acting.may("referral.sender")
        assert Grant.objects.count() == 1


def test_a_role_that_needs_a_second_factor_has_no_rights_until_it_is_enrolled(bare: Bare, admin: object) -> None:
    admin.execute("update access_role set second_factor = true where code = 'doctor'")  # type: ignore[attr-defined]
    with acting_as(bare.ticket("doctor_a")) as acting:
        assert acting.rights == frozenset()
        Account.objects.filter(pk=acting.account_id).update(second_factor=signin.seal_secret("JBSWY3DPEHPK3PXP"))
    with acting_as(bare.ticket("doctor_a")) as acting:
        assert acting.may("referral.sender")
    with acting_as(bare.ticket("robot_clock")) as acting:
        assert acting.may("case.clock")
