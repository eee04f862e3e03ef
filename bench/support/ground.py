"""What a benchmark adds to a county that the product's fast path has made: a log, and whom the measured pages are about.

Runs as owner: ``ground.py lay`` adds log and resident's account, once; without ``lay`` it only tells. Log entries are written here and
not by the product, whose log only ever says what happened. The last line printed is JSON: ids, logins and typed words for the pages
that are measured. A county that is kept is told of anew by every run: whom an earlier one has seen or sent on comes last.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import psycopg

PATIENTS = 400
"""Residents of the measured township whose names and numbers are typed."""


def main(lay: bool) -> None:
    """Tell the targets in this process's database; `lay`: add log and account before."""
    from yigongti.runtime.cli.session import django_setup
    from yigongti.runtime.instance import Instance

    instance = Instance.from_environment()
    django_setup(instance, owner=True)
    with psycopg.connect(instance.dsn(admin=True)) as admin:
        if lay:
            log(admin)
        told = targets(admin)
    if lay:
        account(told["people"][0])
    with psycopg.connect(instance.dsn(admin=True), autocommit=True) as admin:
        admin.execute("vacuum analyze")
    print(json.dumps(told, ensure_ascii=False, default=str))


def log(admin: psycopg.Connection) -> None:
    """Log entries of the last three weeks about everybody."""
    admin.execute("""
insert into audit_entry (at, account_id, seat_id, unit_id, action, kind, ids, subjects, why, purpose, outcome, source, path, detail)
select now() - make_interval(mins => (r.subject_id * 7907 % 30000)::int), null, s.seat, s.unit_id, 'saw', 'record', array[r.subject_id],
       array[r.subject_id], '查阅健康档案', 'web', 'done', '10.0.0.1', '/care/record/', '{}'
  from registry_resident r
  join (select unit_id, min(id) as seat from access_seat group by unit_id) s on s.unit_id = r.township_id""")


def account(person: dict[str, Any]) -> None:
    """A resident who signs in, with the password of a simulated county."""
    from yigongti.kernel.access.facade import maintenance
    from yigongti.kernel.access.models import Account, Unit
    from yigongti.registry import facade as registry

    with maintenance(reason="benchmark: a resident's account"):
        registry.resident_account(
            subject_id=person["subject"], region=Unit.objects.get(kind="region"), login="bench-resident", name=person["name"],
            password=Account.objects.get(login="town1").password,
        )  # fmt: skip


# ---- what is asked for ----------------------------------------------------------------------------------------------


def targets(admin: psycopg.Connection) -> dict[str, Any]:
    """Whom and what the measured pages are about."""
    from yigongti.kernel import crypto
    from yigongti.registry.identifiers import ID_CONTEXT, PHONE_CONTEXT
    from yigongti.simulation.facade import PASSWORD

    def unit(login: str) -> str:
        return f"(select unit_id from access_seat s join access_account a on a.id = s.account_id where a.login = '{login}')"

    town = unit("town1")
    people = admin.execute(
        "select r.subject_id, r.id_cipher, r.phone_cipher, r.name, r.initials, v.name from registry_resident r"
        f" join registry_place v on v.code = r.place where r.township_id = {town} and r.id_index <> '' and r.phone_index <> ''"
        " and r.status = 'living' order by exists (select 1 from care_visit c where c.subject_id = r.subject_id and c.status = 'open')"
        " or exists (select 1 from case_case o where o.subject_id = r.subject_id and o.closed_at is null), r.subject_id desc limit %s",
        [PATIENTS],
    ).fetchall()  # fmt: skip
    ring = crypto.ring()
    listed = {
        "arrived": f"flow = 'referral' and state = 'arrived' and holder_unit_id = {unit('spec1')} order by id",
        "own": f"flow = 'referral' and from_unit_id = {town} order by id desc",
    }  # fmt: skip
    cases = {
        name: [row[0] for row in admin.execute(f"select id from case_case where {where} limit 200").fetchall()]
        for name, where in listed.items()
    }
    counts = {
        table: admin.execute(f"select count(*) from {table}").fetchone()[0]  # type: ignore[index]
        for table in ("registry_institution", "registry_resident", "care_visit", "access_grant", "case_case",
                      "case_entry", "audit_entry")
    }  # fmt: skip
    spec = admin.execute(
        "select min(s.id) from access_seat s join access_account a on a.id = s.account_id where a.login = 'spec1'"
    ).fetchone()
    hospital = admin.execute(
        "select s.unit_id from access_seat s join access_account a on a.id = s.account_id where a.login = 'desk'"
    ).fetchone()
    assert spec is not None and hospital is not None
    return {
        "password": PASSWORD, "counts": counts, "cases": cases, "specialist": spec[0], "hospital": hospital[0],
        "people": [
            {"subject": s, "number": ring.decrypt(n, context=ID_CONTEXT), "phone": ring.decrypt(p, context=PHONE_CONTEXT),
             "name": name, "initials": i, "village": v}
            for s, n, p, name, i, v in people
        ],
    }  # fmt: skip


if __name__ == "__main__":
    main("lay" in sys.argv[1:])
