"""What a page takes: one number, one try, and nothing is done before the button is pressed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.http import Http404, HttpRequest
from django.test import RequestFactory

from yigongti.kernel.case.facade import Refused
from yigongti.kernel.desk import taking
from yigongti.kernel.form import Env, Field, Form, parse

ENV = Env(today=date(2026, 3, 5), now=datetime(2026, 3, 5, 4, tzinfo=UTC), who="李医生")
FORM = Form("test.taking", "登记", fields=(
    Field("why", "原因", required=True), Field("drugs", "药品", "table", columns=(Field("drug", "名称"),)),
))  # fmt: skip


@pytest.fixture
def rolled_back(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Stands for the database's savepoint: whether each was rolled back."""
    found: list[bool] = []

    @contextmanager
    def atomic() -> Iterator[None]:
        try:
            yield
        except BaseException:
            found.append(True)
            raise
        found.append(False)

    monkeypatch.setattr(taking.transaction, "atomic", atomic)
    return found


def post(**typed: str) -> HttpRequest:
    return RequestFactory().post("/", typed)


def refusing(field: str) -> Any:
    def act() -> None:
        raise Refused("原因太短", field=field, remedy="写明原因", clause="三(二)4")

    return act


def test_the_form_comes_with_the_number_of_its_sending() -> None:
    number = uuid4()
    parsed, given = taking.sent(post(why="复诊", client_id=str(number)), FORM, ENV)
    assert parsed.ok
    assert given == number


@pytest.mark.parametrize("number", ["", "12", "不是"])
def test_a_form_without_a_number_is_refused_with_what_was_typed(number: str, rolled_back: list[bool]) -> None:
    parsed, _ = taking.sent(post(why="复诊", client_id=number), FORM, ENV)
    assert [one.message for one in parsed.problems] == ["页面不完整，缺少本次提交的编号"]
    assert parsed.values["why"] == "复诊"
    assert taking.tried(parsed, lambda: pytest.fail("done without a number")) == (parsed, None)


def test_leaving_a_field_never_does_what_the_button_says(rolled_back: list[bool]) -> None:
    parsed, _ = taking.sent(post(why="复诊", client_id=str(uuid4()), _check="why"), FORM, ENV)
    assert not parsed.ok
    assert taking.tried(parsed, lambda: pytest.fail("done by leaving a field")) == (parsed, None)


def test_a_button_without_a_number_is_no_page_of_ours() -> None:
    number = uuid4()
    assert taking.sent_number(post(client_id=str(number))) == number
    with pytest.raises(Http404):
        taking.sent_number(post())


@pytest.mark.parametrize(("field", "stands"), [("why", "why"), ("drugs-0-drug", "drugs-0-drug"), ("other", "")])
def test_a_refusal_is_rolled_back_and_stands_beside_its_field_or_above_the_form(
    field: str, stands: str, rolled_back: list[bool]
) -> None:
    parsed = parse(FORM, {"why": "复诊"}, env=ENV)
    told, made = taking.tried(parsed, refusing(field))
    assert made is None
    assert rolled_back == [True]
    assert [(one.field, one.message, one.remedy, one.clause) for one in told.problems] == [
        (stands, "原因太短", "写明原因", "三(二)4")
    ]


def test_what_a_button_does_is_told_in_one_sentence_only_where_it_is_refused(rolled_back: list[bool]) -> None:
    assert taking.refusal(lambda: None) == ""
    assert taking.refusal(refusing("")) == "原因太短。写明原因。（依据：三(二)4）"
    assert rolled_back == [False, True]


def test_only_the_check_of_a_field_of_the_form_is_answered() -> None:
    assert taking.checked(post(why=""), FORM, ENV) is None
    unknown = taking.checked(post(_check="whyever"), FORM, ENV)
    assert unknown is not None
    assert unknown.status_code == 204


def test_what_came_of_a_try_or_what_refused_it(rolled_back: list[bool]) -> None:
    assert taking.attempted(lambda: 7) == (7, None)
    made, no = taking.attempted(refusing(""))
    assert made is None
    assert no is not None
    assert taking.told(no) == "原因太短。写明原因。（依据：三(二)4）"
    assert rolled_back == [False, True]
