"""A resident's pages for staff: find, register, read, change, open with evidence, who looked."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from yigongti.kernel import pinyin, wiring
from yigongti.kernel.access.door import Acting, Denied
from yigongti.kernel.access.web import page
from yigongti.kernel.audit import log
from yigongti.kernel.audit.queries import about
from yigongti.kernel.desk.taking import checked, sent, tried
from yigongti.kernel.form import Env, Known, Picked, blank, drafts
from yigongti.kernel.panel import contributions
from yigongti.registry import forms, identifiers
from yigongti.registry.actions import relations as relating
from yigongti.registry.actions import residents as writing
from yigongti.registry.models import Place, Resident
from yigongti.registry.pages.common import acting_of, paged, typed
from yigongti.registry.queries import duplicates as doubles
from yigongti.registry.queries import persons
from yigongti.registry.queries import residents as reading
from yigongti.registry.queries.catchment import belonged
from yigongti.registry.queries.relations import relations_of
from yigongti.registry.queries.search import candidate, search
from yigongti.registry.rows import ResidentRow
from yigongti.registry.rules.duplicates import Entry

_TEXTS = ("name", "id_kind", "id_number", "sex", "phone", "address", "household", "relation", "insurance", "aid")


@page(right="resident.search")
@require_GET
def find(request: HttpRequest) -> HttpResponse:
    """Person search with what each hit allows; with htmx only the list is answered."""
    acting = acting_of(request)
    text = request.GET.get("q", "")[:60].strip()
    found = search(acting, text) if text else None
    part = bool(request.headers.get("HX-Request"))
    template = "registry/_found.html" if part else "registry/find.html"
    return render(request, template, {"q": text, "found": found, "acting": acting})


@page(right="resident.banner")
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """The residents that the seat's units are responsible for, with filters."""
    acting = acting_of(request)
    tag, place, name = (typed(request, key) for key in ("tag", "place", "name"))
    tag = tag if tag in dict(Resident.Tag.choices) else ""
    villages = _villages(acting)
    named = {v.code: v.name for v in villages}
    place = place if place in named else ""
    area = bool(villages) or acting.region_id is None
    which = reading.AREA if area and request.GET.get("which") != reading.REGISTERED else reading.REGISTERED
    rows = reading.own(acting, which=which, tag=tag, place=place, name=name)
    shown = paged(request, rows, counted=True)
    ids = [r.pk for r in shown]
    log.saw("resident", ids, ids, why="居民名册")
    context = {
        "page": shown, "total": shown.paginator.count, "tag": tag, "place": place, "name": name,
        "tags": Resident.Tag.choices, "villages": villages, "which": which, "area": area,
        "over": getattr(shown.paginator, "over", False),
        "rows": [
            (r, identifiers.masked_phone(r), reading.tags_of(r, simulated=False), f"{named.get(r.place, '')} {r.address}".strip())
            for r in shown
        ],
        "may_register": acting.may("registry.resident"),
    }  # fmt: skip
    return render(request, "registry/mine.html", context)


def _villages(acting: Acting) -> list[Place]:
    from yigongti.registry.queries.network import villages

    return list(villages(acting.units)[:1_000])


@page(right="registry.resident")
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """A new entry: the form, then who it could be already, then the record number."""
    acting = acting_of(request)
    env = _register_env(acting)
    if request.method == "GET":
        saved = drafts.find(acting=acting, form=forms.REGISTER.code, object="new")
        return _register_page(request, blank(forms.REGISTER, env=env, raw=saved.texts if saved else None), draft=saved)
    if (answer := checked(request, forms.REGISTER, env)) is not None:
        return answer
    parsed, number = sent(request, forms.REGISTER, env)
    alike: tuple[doubles.Similar, ...] = ()
    if parsed.ok:
        row = ResidentRow(**row_values(parsed.values))
        parsed, entry = tried(parsed, lambda: _entry(row))
        if entry is not None:
            alike = doubles.similar(acting, entry)
        same = any(one.same_id for one in alike)
        probable = any(one.likeness.probable for one in alike)
        if parsed.ok and (same or (probable and not parsed.values.get("distinct"))):
            return _register_page(request, parsed, alike=alike, same=same, status=422)
    parsed, made = tried(parsed, lambda: writing.register(acting=acting, row=row, client_id=number))
    if made is None:
        return _register_page(request, parsed, alike=alike, status=422)
    drafts.discard(acting=acting, form=forms.REGISTER.code, object="new")
    return redirect(reverse("registry:resident", args=[made.pk]) + "?done=registered")


def _register_env(acting: Acting) -> Env:
    """A clinic that serves one village need not say which."""
    served = _villages(acting)
    env = Env.here(acting)
    if len(served) != 1:
        return env
    return env.knowing(place=Known(Picked(served[0].code, served[0].name, served[0].full_name), "本机构服务的村（居）"))


def row_values(values: dict[str, Any]) -> dict[str, Any]:
    """A form's values as fields of `ResidentRow`; what was left unchanged behind its mask is absent."""
    row = {name: values[name] or "" for name in _TEXTS if name in values}
    if "birth_date" in values:
        row["birth_date"] = values["birth_date"]
    if "tags" in values:
        row["tags"] = tuple(values["tags"] or ())
    if values.get("place"):
        row["place"] = values["place"].code
    row["insurance"] = row.get("insurance") or "none"
    return row


def _entry(row: ResidentRow) -> Entry:
    who = writing.checked_identity(row)
    number = identifiers.identity_fields(who.identity.number)
    phone = identifiers.phone_fields(writing.checked_phone(row))
    return Entry(
        name=row.name, pinyin=pinyin.name(row.name).full.replace(" ", ""), sex=who.sex, birth=who.birth,
        id_index=number["id_index"], id_last4=number["id_last4"], phone_index=phone["phone_index"], place=row.place,
        household=row.household,
    )  # fmt: skip


def _register_page(request: HttpRequest, parsed: Any, *, alike: Any = (), same: bool = False, draft: Any = None,
                   status: int = 200) -> HttpResponse:  # fmt: skip
    context = {
        "parsed": parsed, "alike": alike, "same": same, "draft": draft,
        "draft_url": reverse("form:draft", args=[forms.REGISTER.code, "new"]),
        "may_break_glass": acting_of(request).may("break_glass.use"),
    }  # fmt: skip
    return render(request, "registry/register.html", context, status=status)


def person_of(subject_id: int) -> reading.Person:
    """The banner of a visible resident. Raises Denied where the fence shows nobody."""
    person = reading.banner(subject_id)
    if person is None:
        raise Denied("resident")
    return person


@page(right="resident.banner")
@require_GET
def resident(request: HttpRequest, id: int) -> HttpResponse:
    """The record's timeline: what every module knows of the person and the fence opens."""
    acting = acting_of(request)
    person = person_of(id)
    everybody = reading.same_person(id)
    live = relating.opened(acting, id)
    context = {
        "person": person, "tab": "record", "merged": person.merged_into, "others": len(everybody) - 1, "live": live,
        "acting": acting, "done": request.GET.get("done", ""),
        "panels": contributions("resident.timeline", {"request": request, "acting": acting, "subject_id": id}),
        "tools": contributions("resident.tools", {"request": request, "acting": acting, "subject_id": id}),
        **_family(acting, id, request.GET.get("done", "")),
    }  # fmt: skip
    log.saw("record", [id], everybody, why="查看档案")
    return render(request, "registry/resident.html", context)


def _family(acting: Acting, subject_id: int, done: str) -> dict[str, Any]:
    """Household, mother and children; right after registering, others of the same name and birthday."""
    twins: tuple[doubles.Similar, ...] = ()
    if done == "registered" and acting.may("registry.resident"):
        twins = persons.namesakes(acting, reading.get(subject_id))
    return {
        "mother": persons.mother_of(subject_id), "children": persons.children_of(subject_id), "namesakes": twins,
        "may_newborn": acting.may("registry.resident"), "household": persons.household_of(subject_id),
    }  # fmt: skip


@page(right="resident.banner")
@require_GET
def relations(request: HttpRequest, id: int) -> HttpResponse:
    """Which units the record is, or was, open to."""
    person = person_of(id)
    rows = relations_of(reading.same_person(id))
    log.saw("relation", [id], [id], why="查看诊疗关系")
    context = {
        "person": person, "tab": "relations", "rows": rows, "acting": acting_of(request), "stays": belonged(id),
    }  # fmt: skip
    return render(request, "registry/relations.html", context)


@page(right=("audit.read", "audit.read_unit", "clinical.read", "registry.merge"))
@require_GET
def looked(request: HttpRequest, id: int) -> HttpResponse:
    """Who looked at the record, as far as the seat may read the log: the own unit's looks, or all."""
    acting = acting_of(request)
    person = person_of(id)
    say = wiring.port("log_line")
    rows = [say(look) for look in about(id)]
    log.saw("log", [id], [id], why="查看谁看过")
    context = {"person": person, "tab": "looked", "rows": rows, "all": acting.may("audit.read"), "acting": acting}
    return render(request, "registry/looked.html", context)


@page(right="resident.banner")
@require_GET
def reveal(request: HttpRequest, id: int, what: str) -> HttpResponse:
    """A whole number in place of its mask; every reveal is in the log."""
    found = reading.get(id)
    if what not in ("id", "phone"):
        raise Denied("reveal")
    return render(request, "registry/_revealed.html", {"text": identifiers.reveal(found, what) or "未登记"})


@page(right="registry.resident")
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, id: int) -> HttpResponse:
    """Change an entry. Numbers stand masked; sent back as shown they change nothing."""
    acting = acting_of(request)
    found = reading.get(id)
    env = _change_env(acting, found)
    if request.method == "GET":
        log.saw("resident", [id], [id], why="修改前查看")
        return _change_page(request, found, blank(forms.CHANGE, env=env))
    if (answer := checked(request, forms.CHANGE, env)) is not None:
        return answer
    parsed, _ = sent(request, forms.CHANGE, env)
    parsed, made = tried(
        parsed, lambda: writing.change(acting=acting, subject_id=id, changes=row_values(parsed.values))
    )
    if made is None:
        return _change_page(request, found, parsed, status=422)
    return redirect(reverse("registry:resident", args=[id]) + "?done=changed")


def _change_env(acting: Acting, found: Resident) -> Env:
    masked = {"id_number": identifiers.masked_id(found) if found.id_cipher else "",
              "phone": identifiers.masked_phone(found)}  # fmt: skip
    row = writing.row_of(found)
    place = Place.objects.filter(pk=found.place).first()
    known = {name: Known(row[name], "现有档案") for name in _TEXTS if name not in ("id_number", "phone") and row[name]}
    known |= {name: Known(row[name], "现有档案") for name in ("birth_date", "tags") if row[name]}
    if place is not None:
        known["place"] = Known(Picked(place.code, place.name, place.full_name), "现有档案")
    known |= {name: Known(text, "现有档案") for name, text in masked.items() if text}
    return Env.here(acting, masked=masked, known=known, subject_id=found.pk)


def _change_page(request: HttpRequest, found: Resident, parsed: Any, status: int = 200) -> HttpResponse:
    context = {"person": person_of(found.pk), "parsed": parsed, "tab": "change", "acting": acting_of(request)}
    return render(request, "registry/change.html", context, status=status)


@page(right="access.relate")
@require_http_methods(["GET", "POST"])
def open_record(request: HttpRequest, id: int) -> HttpResponse:
    """Open a record by evidence: card or whole number; or, in an emergency, by a reason that will be reviewed."""
    acting = acting_of(request)
    who = candidate(acting, id)
    if who is None:
        raise Denied("resident")
    env = Env.here(acting, subject_id=id)
    if request.method == "GET":
        return _open_page(request, who, blank(forms.RELATE, env=env))
    if (answer := checked(request, forms.RELATE, env)) is not None:
        return answer
    parsed, _ = sent(request, forms.RELATE, env)
    parsed, made = tried(parsed, lambda: relating.relate_by_visit(
        acting=acting, subject_id=who.subject_id, evidence=relating.Evidence(
            parsed.values["how"], parsed.values.get("number") or "", parsed.values.get("id_kind") or "resident")))  # fmt: skip
    if made is None:
        return _open_page(request, who, parsed, status=422)
    return redirect(reverse("registry:resident", args=[who.subject_id]) + "?done=opened")


def _open_page(request: HttpRequest, who: Any, parsed: Any, status: int = 200) -> HttpResponse:
    acting = acting_of(request)
    context = {"who": who, "parsed": parsed, "may_break_glass": acting.may("break_glass.use"), "acting": acting}
    return render(request, "registry/open.html", context, status=status)
