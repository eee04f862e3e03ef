"""A county of many residents, quickly: the simulated county's institutions and rules, then surrogate rows by SQL.

Runs as owner on a database that already holds a small simulated county: ``python -m bench.support.ground N``. Towns and
villages are multiplied by the product's own functions (one copy of the county's 30 for every 20 000 residents); people,
visits, relations, referrals, notices and log entries are INSERT … SELECT, with the proportions of `PROPORTIONS`.
The last line printed is JSON: ids, logins and typed words for the pages that are measured.
"""

from __future__ import annotations

import json
import random
import sys
from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg

PER_NETWORK = 20_000
"""Residents that one copy of the sample's network serves."""
PROPORTIONS = {"visits": 2.0, "referrals_closed": 0.05, "referrals_open": 0.005, "log_entries": 1.0}
"""Rows per resident; open referrals fill a page of the desk at both sizes."""
NAMES = 8_000
PATIENTS = 400
"""Residents of the measured township who get real, decryptable numbers of an unassigned division."""


def main(residents: int) -> None:
    """Grow the county of this process's database to about `residents`."""
    from yigongti.runtime.cli.session import django_setup
    from yigongti.runtime.instance import Instance

    instance = Instance.from_environment()
    django_setup(instance, owner=True)
    copies = max(1, residents // PER_NETWORK)
    network(copies)
    with psycopg.connect(instance.dsn(admin=True)) as admin:
        # Rows are right by construction; checking ten foreign keys of each would take longer than writing them.
        admin.execute("set session_replication_role = replica")
        admin.execute("set client_min_messages = warning")
        staff(admin, copies)
        words(admin)
        people(admin, residents)
        patients(admin)
        visits(admin)
        referrals(admin)
        log(admin)
        told = targets(admin)
    with psycopg.connect(instance.dsn(admin=True), autocommit=True) as admin:
        admin.execute("vacuum analyze")
    print(json.dumps(told, ensure_ascii=False, default=str))


# ---- institutions ---------------------------------------------------------------------------------------------------


def network(copies: int) -> None:
    """Further towns with their villages, through the registry's own functions."""
    from yigongti.kernel import calendar
    from yigongti.kernel.access.facade import maintenance
    from yigongti.kernel.access.models import Unit
    from yigongti.kernel.sampling import Sampling
    from yigongti.registry import facade as registry
    from yigongti.registry.sample.network import divisions, institutions
    from yigongti.simulation.facade import DATA, PLACE

    sampling = Sampling(1, calendar.today(), 0, PLACE, DATA)
    base = divisions(sampling)
    towns = [d for d in base if len(d.code) == 9]
    more: list[registry.Division] = []
    rows: list[registry.InstitutionRow] = []
    for copy in range(1, copies):
        codes = {town.code: f"{PLACE}{100 + copy * len(towns) + n}" for n, town in enumerate(towns)}
        more += [
            registry.Division(codes[d.code[:9]] + d.code[9:], f"{d.name}{copy}") for d in base if d.code[:9] in codes
        ]
        for row in institutions(sampling):
            if row.kind in ("township_centre", "village_clinic"):
                place = codes[row.place[:9]] + row.place[9:]
                rows.append(replace(
                    row, code=f"{row.code}~{copy}", parent=f"{row.parent}~{copy}" if row.parent else "",
                    name=f"{row.name}{copy}", place=place, serves=(place,), credit_code="",
                ))  # fmt: skip
    with maintenance(reason="benchmark: network"):
        region = Unit.objects.get(kind="region")
        registry.write_places(more, origin="benchmark")
        _, faults = registry.write_institutions(rows, region=region, on=calendar.today().replace(month=1, day=1))
        if faults:
            raise RuntimeError(str(faults[:3]))


def staff(admin: psycopg.Connection, copies: int) -> None:
    """The seats of each town and village again at its copies; the same stored password."""
    for copy in range(1, copies):
        admin.execute(
            """
with pairs as (
  select nextval('access_account_id_seq') as account, s.unit_id, s.role_id, s.name, s.title, s.starts, a.login, a.password,
         c.id as copy_unit
    from access_seat s join access_account a on a.id = s.account_id join access_unit u on u.id = s.unit_id
    join access_unit c on c.code = u.code || %(tail)s),
made as (
  insert into access_account (id, login, name, password, active, must_change, settings)
  select account, login || %(tail)s, name, password, true, false, '{}' from pairs)
insert into access_seat (account_id, unit_id, role_id, name, title, starts)
select account, copy_unit, role_id, name, title, starts from pairs""",
            {"tail": f"~{copy}"},
        )


# ---- people ---------------------------------------------------------------------------------------------------------


def words(admin: psycopg.Connection) -> None:
    """Names by cohort with their sounds, and the keyed indexes of all last-four digits."""
    from yigongti.kernel import calendar, crypto, ids, pinyin
    from yigongti.kernel.sampling import Sampling
    from yigongti.registry.identifiers import ID_CONTEXT, PHONE_CONTEXT
    from yigongti.registry.sample.people import names_of
    from yigongti.simulation.facade import DATA, PLACE

    rng = random.Random(7)
    names = names_of(Sampling(1, calendar.today(), 0, PLACE, DATA))
    ring = crypto.ring()
    admin.execute(
        "create temp table w_name (k int, name text, pinyin text, initials text, sex text, born date, id text, phone text)"
    )
    admin.execute("create temp table w_last4 (k int, idx text)")
    with admin.cursor().copy("copy w_name from stdin") as copy:
        for k in range(NAMES):
            sex = rng.choice("MF")
            born = calendar.today() - timedelta(days=int(rng.triangular(0, 34_000, 19_000)))
            name = names.draw(rng, born.year, sex)
            sound = pinyin.name(name)
            number = ids.compose_resident(PLACE, born, k % 499 * 2 + (sex == "M"))
            copy.write_row((
                k, name, sound.full.replace(" ", ""), sound.initials, "male" if sex == "M" else "female", born,
                ring.encrypt(number, context=ID_CONTEXT), ring.encrypt(f"19922{k:06d}", context=PHONE_CONTEXT),
            ))  # fmt: skip
    with admin.cursor().copy("copy w_last4 from stdin") as copy:
        for k in range(10_000):
            copy.write_row((k, ring.index_last4(f"{k:04d}")))


def people(admin: psycopg.Connection, residents: int) -> None:
    """Residents by household over all villages, with serial record numbers of their village."""
    admin.execute("""
create temp table w_village as
select (row_number() over (order by p.code) - 1)::int as k, count(*) over () as n, p.code, left(p.code, 9) || p.record_part as prefix,
       coalesce(c.clinic_id, c.township_id) as home, c.township_id as township, c.consortium_id as consortium,
       coalesce(s.last, 0) as last
  from registry_place p join registry_catchment c on c.place = p.code and c.ends is null
  left join registry_recordserial s on s.place = left(p.code, 9) || p.record_part
 where p.level = 5""")
    row = admin.execute(
        "select (select max(id) from access_subject), (select id from access_unit where kind = 'region'),"
        " (select count(*) from registry_resident)"
    ).fetchone()
    assert row is not None
    first, region, there = row
    count = max(0, residents - there)
    admin.execute(
        "insert into access_subject (id, canonical_id) select %s + i, null from generate_series(1, %s) i",
        [first, count],
    )
    admin.execute("select setval('access_subject_id_seq', %s)", [first + count])
    admin.execute(
        """
insert into registry_resident (subject_id, name, pinyin, initials, sex, birth_date, id_kind, id_cipher, id_index, id_last4,
  phone_cipher, phone_index, phone_last4, record_number, place, address, household, home_id, township_id, consortium_id,
  registered_id, insurance, aid, tags, status, status_on, merged, simulated, client_id, registered_at, changed_at)
select %(first)s + i, w.name, w.pinyin, w.initials, w.sex, w.born + (i %% 300), 'resident', w.id,
       encode(sha256(convert_to('id' || i, 'UTF8')), 'hex'), l.idx, w.phone,
       encode(sha256(convert_to('phone' || i, 'UTF8')), 'hex'), l2.idx,
       v.prefix || lpad((v.last + (i / v.n) + 1)::text, 5, '0'), v.code, '1 组', 'B' || (i / 3), v.home, v.township,
       v.consortium, %(region)s, 'residents', '', case when i %% 5 = 0 then '{hypertension}'::varchar[] else '{}' end,
       'living', null, false, true, null, now(), now()
  from generate_series(1, %(count)s) i
  join w_name w on w.k = (i * 7919) %% %(names)s join w_last4 l on l.k = (i * 31) %% 10000
  join w_last4 l2 on l2.k = (i * 37) %% 10000 join w_village v on v.k = i %% v.n""",
        {"first": first, "region": region, "count": count, "names": NAMES},
    )
    admin.execute(
        "insert into registry_recordserial (place, last) select left(record_number, 12), max(right(record_number, 5)::int)"
        " from registry_resident group by 1 on conflict (place) do update set last = excluded.last"
    )


def patients(admin: psycopg.Connection) -> None:
    """Real numbers of an unassigned division for some people of the first town, so that they can be typed."""
    from yigongti.kernel import ids
    from yigongti.registry.identifiers import identity_fields, phone_fields
    from yigongti.simulation.facade import PLACE

    admin.execute("create temp table w_patient (k int, subject bigint, number text, phone text)")
    rows = admin.execute(
        "select r.subject_id, r.birth_date, r.sex from registry_resident r where r.township_id = (select unit_id from"
        " access_seat s join access_account a on a.id = s.account_id where a.login = 'town1')"
        " and r.household like 'B%%' order by r.subject_id limit %s", [PATIENTS],
    ).fetchall()  # fmt: skip
    for k, (subject, born, sex) in enumerate(rows):
        number = ids.compose_resident(PLACE, born, 2 * k % 998 + (1 if sex == "male" else 0))
        phone = f"19911{k:06d}"
        fields: dict[str, Any] = {**identity_fields(number), **phone_fields(phone)}
        sets = ", ".join(f"{name} = %({name})s" for name in fields)
        admin.execute(f"update registry_resident set {sets} where subject_id = %(subject)s",
                      {**fields, "subject": subject})  # fmt: skip
        admin.execute("insert into w_patient values (%s, %s, %s, %s)", [k, subject, number, phone])


# ---- what happened --------------------------------------------------------------------------------------------------


def visits(admin: psycopg.Connection) -> None:
    """Closed visits over two years at the village, the town or the hospital, each with its relation and diagnosis."""
    admin.execute("""
create temp table w_seat as
select distinct on (unit_id) unit_id, id as seat from access_seat
 where role_id in ('village_doctor', 'township_doctor', 'specialist') order by unit_id, id""")
    admin.execute("create temp table w_icd as select (row_number() over (order by code) - 1)::int as k, count(*) over () as n,"
                  " code, name from registry_icdcode where not sensitive")  # fmt: skip
    admin.execute("create temp table w_visit as select coalesce(max(id), 0) as last from care_visit")
    admin.execute(
        "create temp table w_hospital as select unit_id from registry_institution where kind = 'county_general' limit 1"
    )
    admin.execute(
        """
insert into care_visit (client_id, subject_id, unit_id, seat_id, kind, evidence, started_at, closed_at, status, sensitive,
  chief_complaint, history, systolic_mmhg, diastolic_mmhg, consciousness, red_flags, examination, plan)
select gen_random_uuid(), r.subject_id, s.unit_id, s.seat, 'outpatient', 'card', t.at, t.at + interval '20 min', 'closed',
       false, '头晕 3 天', '反复头晕，活动后明显，无胸痛。', 130 + (r.subject_id %% 40)::int, 80 + (r.subject_id %% 20)::int, 'alert', '{}',
       '心肺未见异常。', '继续用药，一周后复诊。'
  from registry_resident r cross join generate_series(1, %s) n
  cross join lateral (select now() - make_interval(mins => ((r.subject_id * 7907 + n * 104729) %% 1050000)::int) as at) t
  join w_seat s on s.unit_id = case when (r.subject_id + n) %% 10 = 0 then (select unit_id from w_hospital)
                                    when (r.subject_id + n) %% 3 = 0 then r.home_id else r.township_id end""",
        [int(PROPORTIONS["visits"])],
    )
    admin.execute("""
insert into care_diagnosis (visit_id, position, code, name, principal, certain)
select v.id, 0, i.code, left(i.name, 120), true, true from care_visit v join w_icd i on i.k = v.id % i.n
 where v.id > (select last from w_visit)""")
    admin.execute("""
insert into access_grant (subject_id, unit_id, reason, evidence, note, starts, ends, seat_id, made_at, acted)
select subject_id, unit_id, 'visit', 'card', '', started_at::date, started_at::date + 14, seat_id, started_at, true
  from care_visit where id > (select last from w_visit)""")


def referrals(admin: psycopg.Connection) -> None:
    """Finished referrals with their timelines, open ones in five states, from every town to the county hospital."""
    admin.execute("""
create temp table w_case as
select nextval('case_case_id_seq') as id, v.id as visit, v.subject_id, v.unit_id, v.seat_id, d.code, d.name,
       row_number() over (order by v.id * 7919 % 1000003, v.id) as k, (select unit_id from w_hospital) as hospital,
       (select id from access_unit where kind = 'consortium') as hq, r.name as who, v.started_at as at
  from care_visit v join care_diagnosis d on d.visit_id = v.id join registry_resident r on r.subject_id = v.subject_id
 where v.unit_id = r.township_id and v.id % 9 = 0 and v.id > (select last from w_visit)""")
    row = admin.execute("select count(*) from registry_resident").fetchone()
    assert row is not None
    opened, closed = int(row[0] * PROPORTIONS["referrals_open"]), int(row[0] * PROPORTIONS["referrals_closed"])
    admin.execute("delete from w_case where k > %s", [opened + closed])
    admin.execute("""
create temp table w_state (n int, state text, duty text, side text);
insert into w_state values (0, 'sent', 'referral.desk', 'to'), (1, 'sent', 'referral.desk', 'to'),
  (2, 'accepted', 'referral.desk', 'to'), (3, 'arrived', 'referral.specialist', 'to'), (4, 'returning', 'referral.sender', 'from');
create temp table w_spec as select min(s.id) as seat from access_seat s join access_account a on a.id = s.account_id
 where a.login = 'spec1'""")
    admin.execute(
        """
insert into case_case (id, client_id, number, flow, flow_version, domain, state, subject_id, shown_to_subject, title, priority,
  from_unit_id, to_unit_id, hq_unit_id, opened_by_id, holder_unit_id, holder_duty, opened_at, entered_at, due, stage, next_at,
  closed_at, outcome, limit_set, holder_seat_id)
select w.id, gen_random_uuid(), 'R' || to_char(now(), 'YYYY') || lpad(w.id::text, 7, '0'), 'referral', 1, 'clinical',
       case when w.k <= %(open)s then s.state else 'closed' end, w.subject_id, true, '上转：' || w.who, 0, w.unit_id,
       w.hospital, w.hq, w.seat_id,
       case when w.k > %(open)s then null when s.side = 'to' then w.hospital else w.unit_id end,
       case when w.k > %(open)s then '' else s.duty end, w.at, w.at,
       case when w.k <= %(open)s then now() + make_interval(mins => (w.k * 131 %% 4320)::int - 600) end,
       case when w.k <= %(open)s and w.k %% 12 = 0 then 3 else 0 end,
       case when w.k <= %(open)s then now() + interval '3 days' end,
       case when w.k > %(open)s then w.at + interval '9 days' end, case when w.k > %(open)s then 'closed' else '' end, '',
       case when w.k <= %(open)s and s.state = 'arrived' then (select seat from w_spec) end
  from w_case w join w_state s on s.n = w.k %% 5""",
        {"open": opened},
    )
    admin.execute("""
insert into referral_referral (case_id, subject_id, direction, visit_id, sender_id, dx_code, dx_name, urgency, proposed, criteria,
  reason, treated_before, transport, wanted_department, consent, summary, sent_at, department, specialist_id, appointment_at,
  accepted_at, declined_code, declined_text, no_shows, arrived_at, treated_at, outcome, final_dx_code, final_dx_name, treatment,
  down_criteria, return_plan, drugs, return_consent, follow_up_on, returned_at, confirmed_at, followed_at, ended_code, ended_text)
select w.id, w.subject_id, 'up', w.visit, w.seat_id, w.code, w.name, 'routine', false, '[]', '需进一步检查', '口服降压药', 'self', '',
       '{"agreed": true, "by": "本人", "relation": "本人"}',
       null, w.at, case when c.state = 'sent' then '' else '心血管内科' end,
       case when c.state = 'sent' then null else (select seat from w_spec) end,
       case when c.state = 'sent' then null else w.at + interval '1 day' end,
       case when c.state = 'sent' then null else w.at + interval '3 hours' end, '', '', 0,
       case when c.state in ('arrived', 'returning', 'closed') then w.at + interval '1 day' end,
       case when c.state in ('returning', 'closed') then w.at + interval '5 days' end,
       case when c.state in ('returning', 'closed') then 'improved' else '' end, '', '', '', '[]', '', '[]', null, null,
       case when c.state in ('returning', 'closed') then w.at + interval '5 days' end,
       case when c.state = 'closed' then w.at + interval '6 days' end,
       case when c.state = 'closed' then w.at + interval '9 days' end, '', ''
  from w_case w join case_case c on c.id = w.id""")
    admin.execute("""
insert into case_entry (case_id, client_id, at, seat_id, unit_id, seat_name, unit_name, kind, transition, title, from_state,
  to_state, waited_seconds, late, reason, note, values)
select w.id, gen_random_uuid(), w.at + make_interval(hours => n * 20), w.seat_id, w.unit_id, '医生', '机构',
       case n when 0 then 'opened' else 'act' end, (array['', 'accept', 'arrive', 'send_down', 'confirm', 'follow_up'])[n + 1],
       (array['发起转诊', '接收', '登记到院', '下转', '确认接回', '随访'])[n + 1],
       (array['', 'sent', 'accepted', 'arrived', 'returning', 'followup'])[n + 1],
       (array['sent', 'accepted', 'arrived', 'returning', 'followup', 'closed'])[n + 1], 72000, false, '', '', '{}'
  from w_case w join case_case c on c.id = w.id
  cross join generate_series(0, 5) n
 where n <= (case c.state when 'sent' then 0 when 'accepted' then 1 when 'arrived' then 2 when 'returning' then 3 else 5 end)""")
    admin.execute("""
insert into case_notice (case_id, unit_id, duty, at, text, urgent, read_at)
select w.id, w.hospital, 'referral.desk', w.at, '上转：' || w.who || ' 发起转诊', false,
       case when c.closed_at is null then null else w.at + interval '1 day' end
  from w_case w join case_case c on c.id = w.id
union all
select w.id, w.unit_id, 'referral.sender', w.at + interval '3 hours', '上转：' || w.who || ' 已接收', false,
       case when c.closed_at is null then null else w.at + interval '1 day' end
  from w_case w join case_case c on c.id = w.id where c.state <> 'sent'""")
    admin.execute("""
insert into access_grant (subject_id, unit_id, reason, evidence, note, starts, ends, seat_id, case_id, made_at, acted)
select w.subject_id, w.hospital, 'referral', 'case', '', w.at::date, case when c.closed_at is null then null else w.at::date + 14 end,
       w.seat_id, w.id, w.at, true from w_case w join case_case c on c.id = w.id""")


def log(admin: psycopg.Connection) -> None:
    """Log entries of the last three weeks about everybody."""
    admin.execute("""
insert into audit_entry (at, account_id, seat_id, unit_id, action, kind, ids, subjects, why, purpose, outcome, source, path, detail)
select now() - make_interval(mins => (r.subject_id * 7907 % 30000)::int), null, s.seat, s.unit_id, 'saw', 'record', array[r.subject_id],
       array[r.subject_id], '查阅健康档案', 'web', 'done', '10.0.0.1', '/care/record/', '{}'
  from registry_resident r join w_seat s on s.unit_id = r.township_id""")


# ---- what is asked for ----------------------------------------------------------------------------------------------


def targets(admin: psycopg.Connection) -> dict[str, Any]:
    """Whom and what the measured pages are about."""
    from yigongti.kernel.access.facade import maintenance
    from yigongti.kernel.access.models import Unit
    from yigongti.registry import facade as registry
    from yigongti.simulation.facade import PASSWORD

    people = admin.execute(
        "select p.subject, p.number, p.phone, r.name, r.initials, r.place, v.name from w_patient p"
        " join registry_resident r on r.subject_id = p.subject join registry_place v on v.code = r.place order by p.k"
    ).fetchall()
    town = "(select unit_id from access_seat s join access_account a on a.id = s.account_id where a.login = 'town1')"
    listed = {
        "sent": "state = 'sent' order by due", "arrived": "state = 'arrived' order by id",
        "own": f"from_unit_id = {town} order by id desc",
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
    spec = admin.execute("select seat from w_spec").fetchone()
    stored = admin.execute("select password from access_account where login = 'town1'").fetchone()
    hospital = admin.execute("select unit_id from w_hospital").fetchone()
    assert stored is not None and spec is not None and hospital is not None
    admin.commit()
    with maintenance(reason="benchmark: a resident's account"):
        registry.resident_account(
            subject_id=people[0][0], region=Unit.objects.get(kind="region"), login="bench-resident", name=people[0][3],
            password=stored[0],
        )  # fmt: skip
    return {
        "password": PASSWORD, "counts": counts, "cases": cases, "specialist": spec[0], "hospital": hospital[0],
        "people": [
            {"subject": s, "number": n, "phone": p, "name": name, "initials": i, "village": v}
            for s, n, p, name, i, _, v in people
        ],
    }  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]))
