"""Rows about a person that go to one side when two merged entries are separated (port ``subject_tables``).

Cases (referrals, bookings) stay with the entry under which they were opened, together with everything that hangs on them: the
page of sorting says so, and who holds them withdraws and opens anew for the right person.
"""

from __future__ import annotations

from yigongti.registry.facade import SubjectTable

SUBJECT_TABLES = (
    SubjectTable("care_visit", "就诊", "started_at"),
    SubjectTable("care_problem", "长期健康问题", "noted_at"),
    SubjectTable("care_allergy", "过敏史", "noted_at"),
)
