"""Looking after each other: the resident's page on the phone, and the institution's for guardians."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from yigongti.kernel import calendar
from yigongti.kernel.access.door import Acting, Denied
from yigongti.kernel.access.models import Delegation
from yigongti.kernel.access.web import page
from yigongti.kernel.audit import log
from yigongti.kernel.desk.taking import checked, sent, tried
from yigongti.kernel.form import Env, Field, Form, Parsed, blank
from yigongti.registry import parameters
from yigongti.registry.actions import family
from yigongti.registry.models import Resident
from yigongti.registry.pages.common import acting_of
from yigongti.registry.pages.residents import person_of

RELATIONS = (
    ("spouse", "配偶"), ("parent", "父母"), ("child", "子女"), ("grandparent", "祖父母、外祖父母"),
    ("sibling", "兄弟姐妹"), ("other", "其他亲属"), ("appointed", "指定监护人"),
)  # fmt: skip
EVIDENCE = (
    ("household", "户口簿"), ("birth", "出生医学证明"), ("judgment", "法院判决或指定书"),
    ("committee", "村（居）委会指定书"), ("disability", "残疾人证及监护材料"),
)  # fmt: skip


def _until(env: Env) -> date:
    return parameters.delegation_ends(env.acting, calendar.today())


LET = Form(
    code="family.let",
    title="让家人照看我的记录",
    submit="同意照看",
    intro="请家人在“家人”页点“出示照看码”，把 10 位数字告诉您。对方能看您的记录、替您预约，不能再转给别人；您随时可以停止。",
    fields=(
        Field("code", "家人的照看码", required=True, max_length=20, width=12, placeholder="12345 67890"),
        Field("relation", "对方是您的", "choice", required=True, choices=RELATIONS[:-1], width=12),
        Field("ends", "照看到哪一天", "date", required=True, min=lambda env: env.today, max=_until, default=_until, width=12),
    ),
)  # fmt: skip
GUARDIAN = Form(
    code="family.guardian",
    title="登记监护人",
    submit="登记",
    intro="只登记依法监护：未成年人的父母，或无民事行为能力人的监护人。证件须当面核对；登记后监护人可在手机上看被监护人的记录、替其预约。",
    fields=(
        Field("guardian", "监护人", "resident", required=True, width=12, help="检索监护人本人的档案；没有档案的先建档"),
        Field("relation", "监护人是本人的", "choice", required=True, choices=RELATIONS, width=6),
        Field("evidence", "核对的证明", "choice", required=True, choices=EVIDENCE, width=6),
        Field("number", "证明编号", width=6, max_length=60, help="没有编号的不填"),
        Field("ends", "登记到哪一天", "date", required=True, min=lambda env: env.today, max=_until, default=_until, width=6),
    ),
)  # fmt: skip
FORMS: tuple[Form, ...] = (LET, GUARDIAN)


@page(resident=True)
@require_http_methods(["GET", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """Whom I look after, who looks after me, and letting another do so."""
    acting = acting_of(request)
    env = Env.here(acting)
    if request.method == "GET":
        return _mine_page(request, acting, blank(LET, env=env))
    if (answer := checked(request, LET, env)) is not None:
        return answer
    parsed, number = sent(request, LET, env)
    parsed, made = tried(parsed, lambda: family.let(
        acting=acting, code=parsed.values["code"], relation=parsed.values["relation"], ends=parsed.values["ends"],
        longest=_until(env), client_id=number,
    ))  # fmt: skip
    if made is None:
        return _mine_page(request, acting, parsed, status=422)
    messages.success(request, f"已同意{made.delegate_name}照看您的记录，到 {made.ends} 为止；在本页可随时停止。")
    return redirect("registry:family")


@page(resident=True)
@require_POST
def code(request: HttpRequest) -> HttpResponse:
    """A code to tell: shown once, good for minutes."""
    acting = acting_of(request)
    told = family.offer_code(acting=acting, good_for=parameters.family_code_lifetime(acting))
    return _mine_page(request, acting, blank(LET, env=Env.here(acting)), told=told)


@page(resident=True)
@require_POST
def stop(request: HttpRequest, id: int) -> HttpResponse:
    """End a delegation from either side."""
    acting = acting_of(request)
    ended = family.stop(acting=acting, id=id)
    other = ended.delegate_name if ended.subject_id == acting.subject_id else ended.subject_name
    messages.success(request, f"与{other}之间的照看已停止。")
    return redirect("registry:family")


def _mine_page(
    request: HttpRequest, acting: Acting, parsed: Parsed, *, told: family.Told | None = None, status: int = 200
) -> HttpResponse:
    if acting.subject_id is None:
        raise Denied("family")
    context = {
        "family": family.family_of(acting.subject_id), "parsed": parsed, "told": told, "relations": dict(RELATIONS),
        "who": acting.subject_id, "tab": "family",
    }  # fmt: skip
    return render(request, "registry/family.html", context, status=status)


@page(right="registry.resident")
@require_http_methods(["GET", "POST"])
def guardians(request: HttpRequest, id: int) -> HttpResponse:
    """Guardians of a person, noted on evidence by an institution that the record is open to."""
    acting, person = acting_of(request), person_of(id)
    env = Env.here(acting, subject_id=id)
    if request.method == "GET":
        return _guardians_page(request, person, blank(GUARDIAN, env=env))
    if (answer := checked(request, GUARDIAN, env)) is not None:
        return answer
    parsed, number = sent(request, GUARDIAN, env)
    parsed, made = tried(parsed, lambda: _note(acting, id, person.name, parsed.values, env, number))
    if made is None:
        return _guardians_page(request, person, parsed, status=422)
    messages.success(request, f"已登记{made.delegate_name}为监护人，到 {made.ends} 为止。")
    return redirect("registry:guardians", id)


def _note(acting: Acting, id: int, name: str, values: dict[str, Any], env: Env, client_id: Any) -> Delegation:
    guardian = values["guardian"]
    words = dict(EVIDENCE)[values["evidence"]]
    born = Resident.objects.get(pk=id).birth_date
    return family.note_guardian(
        acting=acting, subject=(id, name), guardian=(int(guardian.code), guardian.label), relation=values["relation"],
        evidence=f"{words} {values.get('number') or ''}".strip(), ends=values["ends"],
        longest=parameters.guardian_ends(acting, calendar.today(), born), client_id=client_id,
    )  # fmt: skip


@page(right="registry.resident")
@require_POST
def guardian_stop(request: HttpRequest, id: int, delegation: int) -> HttpResponse:
    """End a guardian's registration."""
    acting = acting_of(request)
    person_of(id)
    found = Delegation.objects.get(pk=delegation, subject_id=id)
    if found.basis != Delegation.Basis.GUARDIAN:
        raise Denied("family.stop")
    family.stop(acting=acting, id=found.pk)
    messages.success(request, f"{found.delegate_name}的监护登记已停止。")
    return redirect("registry:guardians", id)


def _guardians_page(request: HttpRequest, person: Any, parsed: Parsed, status: int = 200) -> HttpResponse:
    rows = family.family_of(person.subject_id).by
    log.saw("delegation", [one.pk for one in rows], [person.subject_id], why="查看监护登记")
    context = {"person": person, "rows": rows, "parsed": parsed, "relations": dict(RELATIONS), "tab": "guardians"}
    return render(request, "registry/guardians.html", context, status=status)
