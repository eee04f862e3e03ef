"""Health cards: issued, added, lost, printed at a desk; the code of this moment and every use on the resident's phone."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from yigongti.kernel import printing
from yigongti.kernel.access.door import Acting, Denied
from yigongti.kernel.access.web import page
from yigongti.kernel.audit import log
from yigongti.kernel.desk.taking import attempted, checked, refusal, sent, sent_number, told, tried
from yigongti.kernel.form import Env, blank
from yigongti.registry import identifiers, person_forms
from yigongti.registry.actions import cards as acting_on
from yigongti.registry.models import Card
from yigongti.registry.pages.common import acting_of, row_id
from yigongti.registry.pages.residents import person_of
from yigongti.registry.queries import persons
from yigongti.registry.queries import residents as reading

REFRESH = 2
"""A shown code is renewed when this fraction of its time is over."""


@page(right="registry.resident")
@require_http_methods(["GET", "POST"])
def cards(request: HttpRequest, id: int) -> HttpResponse:
    """The cards of a person: issue, add, report lost, revoke. Every card stays listed with what became of it."""
    acting = acting_of(request)
    person = person_of(id)
    env = Env.here(acting, subject_id=id)
    if request.method == "GET":
        return _cards_page(request, acting, person, blank(person_forms.CARD, env=env))
    if (answer := checked(request, person_forms.CARD, env)) is not None:
        return answer
    if request.POST.get("do", "") != "add":
        return _do(request, acting, id)
    parsed, number = sent(request, person_forms.CARD, env)
    parsed, made = tried(parsed, lambda: acting_on.add_card(
        acting=acting, subject_id=id, kind=parsed.values["kind"], number=parsed.values["number"],
        label=parsed.values.get("label") or "", client_id=number))  # fmt: skip
    if made is None:
        return _cards_page(request, acting, person, parsed, status=422)
    messages.success(request, f"已登记{made.get_kind_display()}")
    return redirect("registry:cards", id=id)


def _do(request: HttpRequest, acting: Acting, id: int) -> HttpResponse:
    """One of the buttons: issue a card or a paper code, end one."""
    do, wanted = request.POST.get("do", ""), request.POST.get("card", "")

    def act() -> None:
        if do in ("health", "paper"):
            made = acting_on.issue(acting=acting, subject_id=id, kind=do, client_id=sent_number(request))
            messages.success(request, f"已发放{made.get_kind_display()}，尾号 {identifiers.card_number(made)[-4:]}")
            return
        mine = Card.objects.filter(pk=row_id(wanted), subject_id__in=reading.same_person(id)).first()
        if mine is None or do not in acting_on.ENDINGS:
            raise Denied("card")
        acting_on.end_card(acting=acting, card_id=mine.pk, how=do)
        messages.success(request, f"{mine.get_kind_display()}已{acting_on.ENDINGS[do]}，立即失效")

    if no := refusal(act):
        messages.error(request, no)
    return redirect("registry:cards", id=id)


def _cards_page(request: HttpRequest, acting: Acting, person: Any, parsed: Any, status: int = 200) -> HttpResponse:
    rows = persons.cards_of(person.subject_id)
    live = {one.card.kind for one in rows if one.live}
    log.saw("card", [one.card.pk for one in rows], [person.subject_id], why="查看健康卡")
    context = {
        "person": person, "tab": "cards", "acting": acting, "rows": rows, "uses": persons.uses_of(person.subject_id),
        "parsed": parsed, "adding": {"do": "add"}, "has_health": "health" in live, "has_paper": "paper" in live,
    }  # fmt: skip
    return render(request, "registry/cards.html", context, status=status)


@page(right="registry.resident")
@require_GET
def print_card(request: HttpRequest, id: int, card: int) -> HttpResponse:
    """The paper code as a label to stick on a card."""
    acting = acting_of(request)
    person = person_of(id)
    found = Card.objects.filter(pk=card, subject_id__in=reading.same_person(id)).first()
    if found is None:
        raise Denied("card")
    shown, no = attempted(lambda: acting_on.paper_code(found))
    if no is not None:
        messages.error(request, told(no))
        return redirect("registry:cards", id=id)
    assert shown is not None, "what is not refused is made"
    number = identifiers.card_number(found)
    made = printing.Printout(
        "健康卡", number, acting.unit_name, verify_url=shown.text, paper="label-80x50",
        blocks=(
            printing.Fields((("姓名", person.name), ("性别", person.sex), ("出生", f"{person.birth}"), ("卡号", number)), columns=1),
        ),
    )  # fmt: skip
    log.did("printed", "card", [found.pk], [id], why="打印纸质健康码")
    response = printing.answer_printed(acting, made, f"健康卡_{number[-4:]}")
    response["X-Content-Type-Options"] = "nosniff"
    return response


# --- the resident's own ---------------------------------------------------------------------------


def _own(request: HttpRequest, acting: Acting, who: int) -> None:
    """Issue a card for oneself, or report one lost."""
    do, wanted = request.POST.get("do", ""), row_id(request.POST.get("card", ""))
    if do == "health":
        acting_on.issue(acting=acting, subject_id=who, client_id=sent_number(request))
        messages.success(request, "已领取电子健康卡")
        return
    mine = Card.objects.filter(pk=wanted, subject_id__in=acting.subjects).first()
    if mine is None or do != "lost":
        raise Denied("card")
    acting_on.end_card(acting=acting, card_id=mine.pk, how="lost")
    messages.success(request, "已挂失，立即失效")


@page(resident=True)
@require_http_methods(["GET", "POST"])
def my_card(request: HttpRequest) -> HttpResponse:
    """The own health code, large; the own cards; who has read them. Issue for oneself, report lost, take back nothing."""
    acting = acting_of(request)
    who = acting.subject_id
    if who is None:
        raise Denied("card")
    if request.method == "POST":
        if no := refusal(lambda: _own(request, acting, who)):
            messages.error(request, no)
        return redirect("registry:my_card")
    context = {
        "tab": "card", "who": who, "rows": persons.cards_of(who), "uses": persons.uses_of(who), **_code(acting, who),
    }  # fmt: skip
    log.saw("card", [], [who], why=log.OWN)
    return render(request, "registry/my_card.html", context)


@page(resident=True)
@require_GET
def my_code(request: HttpRequest) -> HttpResponse:
    """The code anew, in place of the one shown."""
    acting = acting_of(request)
    if acting.subject_id is None:
        raise Denied("card")
    return render(request, "registry/_my_code.html", _code(acting, acting.subject_id))


def _code(acting: Acting, who: int) -> dict[str, Any]:
    import segno

    shown = acting_on.code_now(acting, who)
    if shown is None:
        return {"shown": None}
    image = segno.make(shown.text, error="m", micro=False).svg_data_uri(scale=6, border=3)
    return {
        "shown": shown,
        "image": image,
        "tail": identifiers.card_number(shown.card)[-4:],
        "every": shown.seconds // REFRESH,
    }
