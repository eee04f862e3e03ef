"""Rows about a person that go to one side when two merged entries are separated (port ``subject_tables``)."""

from __future__ import annotations

from yigongti.registry.facade import SubjectTable

SUBJECT_TABLES = (
    SubjectTable("care_visit", "就诊", "started_at"),
    SubjectTable("care_problem", "长期健康问题", "noted_at"),
    SubjectTable("care_allergy", "过敏史", "noted_at"),
    SubjectTable("case_case", "事项（转诊等）", "opened_at", unit="from_unit_id", seat="opened_by_id", own="own"),
)
