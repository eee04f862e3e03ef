"""Every route with an example object of the home consortium, and who stands where to it.

A route that is missing here fails `test_matrix`: whoever adds an address says who may not call it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.registry.small import V1
from tests.support.ground import Ground

Answer = Literal["may", "own", "refused"]
"""may: it works. own: it answers with the caller's own things. refused: not there, and nothing happens."""

ACTORS = ("anonymous", "patient", "neighbour", "right", "wrong", "other")


@dataclass(frozen=True)
class Example:
    """One route tried on one object: seats that may (`right`), that hold another role at the same institution
    (`wrong`), that hold the right role elsewhere (`other`), and what those and residents get.
    """

    at: Callable[[Ground], Mapping[str, Any]] = lambda g: {}
    right: str = "township"
    wrong: str | None = "townhead"
    other: str = "township2"
    other_gets: Answer = "refused"
    patient_gets: Answer = "refused"
    neighbour_gets: Answer = "refused"
    wrong_gets: Answer = "refused"
    post: bool = False
    data: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)

    def seat(self, actor: str) -> str | None:
        """The login that stands for an actor; None: nobody (not signed in, or no such seat)."""
        return {"right": self.right, "wrong": self.wrong, "other": self.other, "anonymous": None}.get(actor, actor)

    def expected(self, actor: str) -> Answer:
        if actor == "right":
            return "may"
        if actor == "anonymous":
            return "refused"
        return {"wrong": self.wrong_gets, "other": self.other_gets, "patient": self.patient_gets,
                "neighbour": self.neighbour_gets}[actor]  # type: ignore[return-value]  # fmt: skip


def everybody(**more: Any) -> Example:
    """Whoever is signed in gets the own things."""
    return Example(wrong_gets="own", other_gets="own", patient_gets="own", neighbour_gets="own", **more)


def staff(**more: Any) -> Example:
    """Every seat of the right role gets the own list."""
    return Example(other_gets="own", **more)


def _person(g: Ground) -> dict[str, Any]:
    return {"id": g.small.people[0]}


def _catalogue(g: Ground) -> dict[str, Any]:
    return {"id": g.rows["catalogue"]}


def _ill(g: Ground) -> dict[str, Any]:
    return {"subject": g.small.people[0], "code": "J18"}


def _catalogued(g: Ground) -> dict[str, Any]:
    return {"id": g.rows["catalogue"], "claim": g.rows["claim"]}


def _subject(g: Ground) -> dict[str, Any]:
    return {"subject": g.small.people[0]}


def _visit(g: Ground) -> dict[str, Any]:
    return {"visit": g.rows["visit"]}


def _case(key: str, **more: str) -> Callable[[Ground], dict[str, Any]]:
    return lambda g: {"id": g.rows[key], **more}


def _clinic(g: Ground) -> dict[str, Any]:
    return {"id": g.small.units["C1"]}


def _place(g: Ground) -> dict[str, Any]:
    return {"code": V1}


def _run(g: Ground) -> dict[str, Any]:
    return {"id": g.rows["import_run"]}


def _mine(**more: Any) -> Example:
    return Example(patient_gets="may", right="patient", wrong="township", other="neighbour", **more)


ADMIN = {"right": "admin", "wrong": "registrar", "other": "specialist"}
HOME = "township"


def booking() -> dict[str, tuple[Example, ...]]:
    """Booking: the desk of a hospital, whoever reads figures, the person."""

    def row(key: str) -> Callable[[Ground], dict[str, Any]]:
        return lambda g: {"id": g.rows[key]}

    desk: dict[str, Any] = {"right": "desk", "wrong": "h1head", "other": "desk2"}
    read: dict[str, Any] = {"right": "desk", "wrong": "village", "other": "desk2"}
    one, resource, session = row("booking"), row("booking_resource"), row("booking_session")
    kept, own = row("booking_restriction"), {"other_gets": "own", "neighbour_gets": "own"}
    return {
        "booking:day": (Example(**desk, other_gets="own"),),
        "booking:find": (Example(**desk, other_gets="own"), Example(**desk, other_gets="own", query={"q": "本方甲"})),
        "booking:new": (Example(at=_subject, **desk, other_gets="may"), Example(at=_subject, **desk, other_gets="may", post=True)),
        "booking:wait": (Example(at=_subject, **desk, other_gets="may"),),
        "booking:waiting": (Example(**desk, other_gets="own"),),
        "booking:restricted": (Example(**desk, other_gets="own"),),
        "booking:appeal": (Example(at=kept, **desk), Example(at=kept, **desk, post=True, data={"text": "理由"})),
        "booking:booking": (Example(at=one, **desk),),
        "booking:act": (Example(at=one, **desk, post=True, data={"do": "cancel"}),),
        "booking:slip": (Example(at=one, **desk),),
        "booking:week": (Example(**desk, other_gets="own"),),
        "booking:generate": (Example(**desk, other_gets="own", post=True),),
        "booking:resource_new": (Example(**desk, other_gets="own"),),
        "booking:resource": (Example(at=resource, **desk), Example(at=resource, **desk, post=True, data={"do": "end"})),
        "booking:session": (
            Example(at=session, **read, other_gets="may"), Example(at=session, **read, post=True, data={"code": "leave"}),
        ),
        "booking:place": (Example(at=row("booking_slot"), **read, other_gets="may"),),
        "booking:quota": (Example(**read, other_gets="own"),),
        "booking:quota_rows": (Example(**read, other_gets="own", query={"what": "kept"}),),
        "booking:me": (_mine(**own),),
        "booking:me_new": (_mine(**own), _mine(**own, query={"kind": "expert"})),
        "booking:me_wait": (_mine(**own, post=True),),
        "booking:me_answer": (_mine(at=row("booking_waiting"), post=True, data={"do": "leave"}),),
        "booking:me_appeal": (_mine(at=kept),),
        "booking:me_booking": (_mine(at=one),),
        "booking:me_slip": (_mine(at=one),),
    }  # fmt: skip


def performance() -> dict[str, tuple[Example, ...]]:
    """The performance centre: who scores, at the own consortium."""
    scorer: dict[str, Any] = {"right": "scorer", "wrong": "scorehead", "other": "scorer2", "other_gets": "own"}
    return {
        "performance:upload": (Example(**scorer),),
        "performance:sheet": (Example(**scorer),),
    }


def finance() -> dict[str, tuple[Example, ...]]:
    """The books: the accountants of the own consortium."""
    chief: dict[str, Any] = {"right": "chief", "wrong": "director", "other": "chief2"}
    voucher: Callable[[Ground], dict[str, Any]] = lambda g: {"id": g.rows["voucher"]}  # noqa: E731
    account = {"account": "bank"}
    period = {"month": "2020-01"}
    book: Callable[[Ground], dict[str, Any]] = lambda g: {"book": g.small.units["H1"]}  # noqa: E731
    return {
        "finance:vouchers": (Example(**chief, other_gets="own"),),
        **{f"finance:{name}": (Example(**chief, other_gets="own"),)
           for name in ("export", "listing_paper", "periods_export", "periods_paper")},
        "finance:balances": (Example(**chief, other_gets="own"),),
        "finance:balances_export": (Example(**chief, other_gets="own"),),
        "finance:balances_paper": (Example(**chief, other_gets="own"),),
        **{f"finance:{name}": (Example(**chief, other_gets="own"),) for name in ("income", "income_export", "income_paper")},
        "finance:lines": (Example(**chief, query=account),),
        "finance:lines_export": (Example(**chief, query=account),),
        "finance:lines_paper": (Example(**chief, query=account),),
        "finance:periods": (Example(**chief, other_gets="own"),),
        "finance:close_all": (Example(**chief, post=True, data=period, other_gets="own"),),
        "finance:close": (Example(at=book, **chief, post=True, data=period),),
        "finance:reopen": (Example(at=book, **chief, post=True, data={**period, "why": "补记"}),),
        "finance:voucher": (Example(at=voucher, **chief),),
        "finance:paper": (Example(at=voucher, **chief),),
        "finance:reverse": (
            Example(at=voucher, **chief, post=True, data={"client_id": "5f0c3c9e-5d1b-4d0a-9d55-0c8a3a4f6b11", "why": "记错"}),
        ),
    }  # fmt: skip


def fund() -> dict[str, tuple[Example, ...]]:
    """The counter of an institution, the offices, the person."""
    clerk: dict[str, Any] = {"right": "settle", "wrong": "desk", "other": "settle2"}
    claim: Callable[[Ground], dict[str, Any]] = lambda g: {"id": g.rows["claim"]}  # noqa: E731
    reviewed: Callable[[Ground], dict[str, Any]] = lambda g: {"id": g.rows["special"], "paper": g.rows["paper"]}  # noqa: E731
    own = {"other_gets": "own", "neighbour_gets": "own"}
    auditor: dict[str, Any] = {"right": "fundaudit", "wrong": "director", "other": "fundaudit2"}
    office: dict[str, Any] = {"right": "fund", "wrong": "director", "other": "fund2"}
    return {
        **{f"fund:{name}": (Example(at=_ill, wrong="fund", other="township2"),) for name in ("paths_book", "paths_paper")},
        "fund:paths": (Example(at=_subject, wrong="fund", other="township2", query={"diagnosis": "J18.9"}),),
        "fund:audit_rules": (Example(**auditor, other_gets="own"),),
        "fund:audit_export": (Example(**auditor, other_gets="own"),),
        "fund:audit_paper": (Example(**auditor, other_gets="own"),),
        "fund:counter": (Example(**clerk, other_gets="own"),),
        "fund:find": (Example(**clerk, other_gets="own"), Example(**clerk, other_gets="own", query={"q": "本方甲"})),
        "fund:evidence": (Example(at=_subject, **clerk, other_gets="may"),),
        "fund:new": (Example(at=_subject, **clerk, other_gets="own"), Example(at=_subject, **clerk, other_gets="own", post=True)),
        "fund:claims": (Example(**clerk, other_gets="own"), Example(**office, other_gets="own")),
        "fund:import_blank": (Example(**clerk, other_gets="own"),),
        "fund:import": (Example(**clerk, other_gets="own"), Example(**clerk, other_gets="own", post=True)),
        "fund:claim": (Example(at=claim, **clerk), Example(at=claim, **office)),
        "fund:void": (Example(at=claim, **clerk, post=True),),
        "fund:paper": (Example(at=claim, **clerk), Example(at=claim, **office)),
        "fund:special": (Example(at=claim, **clerk),),
        "fund:special_paper": (Example(at=reviewed, **clerk), Example(at=reviewed, **office)),
        **{f"fund:{name}": (Example(at=_catalogue, **office),) for name in ("catalogue", "catalogue_book", "catalogue_paper")},
        "fund:procedures": (Example(**office, other_gets="own"),),
        "fund:catalogue_cases": (Example(at=_catalogue, **office),),
        "fund:grouped": (Example(at=_catalogued, **office),),
        "fund:me": (_mine(**own),),
        "fund:me_claim": (_mine(at=claim),),
        "fund:me_paper": (_mine(at=claim),),
    }  # fmt: skip


def pool() -> dict[str, tuple[Example, ...]]:
    """The year's money: the insurance office of the own consortium."""

    def at(g: Ground) -> dict[str, Any]:
        return {"id": g.rows["clearing"]}

    def pair(g: Ground) -> dict[str, Any]:
        return {"left": g.rows["clearing"], "right": g.rows["clearing"]}

    office: dict[str, Any] = {"right": "fund", "wrong": "desk", "other": "fund2"}
    return {
        "pool:overview": (
            Example(**office, other_gets="own"),
            Example(right="bureau_head", wrong="supervisor", other="admin"),
        ),
        "pool:receive": (Example(**office, other_gets="own"),),
        "pool:pass_on": (Example(right="fundhead", wrong="fund", other="fund2"),),
        "pool:book": (Example(**office, other_gets="own", post=True, data={"month": "1"}),),
        "pool:export": (Example(**office, other_gets="own"),),
        "pool:paper": (Example(**office, other_gets="own"),),
        "pool:clearing_book": (Example(at=at, **office),),
        "pool:clearing_inputs": (Example(at=at, **office),),
        **{
            f"pool:{name}": (Example(at=pair, **office),)
            for name in ("clearing_compare", "compare_book", "compare_paper")
        },
    }


def sandbox() -> dict[str, tuple[Example, ...]]:
    """The sandbox of the own consortium; an amendment's second person reads what is attached to it, and nothing else."""

    def at(g: Ground) -> dict[str, Any]:
        return {"id": g.rows["comparison"]}

    office: dict[str, Any] = {"right": "fund", "wrong": "desk", "other": "fund2"}
    own: dict[str, Any] = {**office, "other_gets": "own"}
    return {
        **{f"sandbox:{name}": (Example(**own),) for name in ("desk", "export", "paper", "groups", "groups_export", "groups_paper",
                                                             "list", "compare", "compare_export", "compare_paper")},
        **{f"sandbox:{name}": (Example(**own, query={"of": "all~~basic"}),) for name in ("rows", "rows_export", "rows_paper")},
        **{f"sandbox:{name}": (Example(**own, post=True),) for name in ("ask", "save")},
        **{f"sandbox:{name}": (Example(at=at, **office), Example(at=at, right="director", wrong="approver", other="director2"))
           for name in ("saved", "saved_export", "saved_paper")},
        "sandbox:again": (Example(at=at, **office, post=True),),
        "sandbox:propose": (Example(at=at, **office), Example(at=at, **{**office, "wrong": "director"}, post=True)),
    }  # fmt: skip


EXAMPLES: dict[str, tuple[Example, ...]] = {
    "home": (everybody(),),
    "notices": (everybody(),),
    "notices_read": (everybody(post=True),),
    "search": (everybody(), everybody(query={"q": "对方己记号"})),
    "log": (
        Example(right="townhead", wrong="township", other="townhead2", other_gets="own"),
        Example(right="supervisor", wrong="bureau_head", other="supervisor2", other_gets="own"),
    ),
    "robots": (
        Example(right="supervisor", wrong="registrar", other="supervisor2", other_gets="own"),
        Example(right="admin", wrong="director", other="specialist"),
    ),
    "session_extend": (everybody(post=True),),
    "account": (everybody(), everybody(post=True, data={"do": "password", "old": "x", "new": "a-new-password-1"})),
    "seats": (everybody(),),
    "second_factor": (everybody(),),
    "end_other_sessions": (everybody(post=True),),
    "me": (_mine(other_gets="own", neighbour_gets="own"),),
    "me_progress": (_mine(other_gets="own", neighbour_gets="own"),),
    "me_looked": (_mine(other_gets="own", neighbour_gets="own"),),
    "me_messages": (_mine(other_gets="own", neighbour_gets="own"),),
    "me_for": (_mine(at=_subject),),
    "me_for_progress": (_mine(at=_subject),),
    "me_for_looked": (_mine(at=_subject),),
    "form:lookup": (staff(at=lambda g: {"source": "icd10"}, query={"q": "高血压"}, wrong=None),),
    "form:draft": (everybody(at=lambda g: {"form": "care.visit", "object": "visit-1"}, post=True, data={"plan": "x"}),),
    "form:discard": (Example(at=_case("draft"), post=True),),
    "offline:packet": (Example(wrong_gets="own", other_gets="own"),),
    "offline:send": (Example(wrong_gets="own", other_gets="own", post=True),),
    "policy:blueprints": (Example(wrong="registrar", other_gets="own"),),
    "policy:blueprint": (Example(at=lambda g: {"code": "hunan-2024"}, wrong="registrar", other_gets="own"),),
    "policy:blueprint_compare": (
        Example(query={"left": "hunan-2024", "right": "xuzhou-2020"}, wrong="registrar", other_gets="own"),
    ),
    "policy:parameters": (Example(wrong="registrar", other_gets="own"),),
    "policy:parameter": (
        Example(at=lambda g: {"key": "referral.accept"}, wrong="registrar", other_gets="own"),
        Example(at=lambda g: {"key": "referral.accept"}, right="officer", wrong="registrar", other_gets="own"),
    ),
    "desk:list": tuple(
        Example(
            at=lambda g, code=code: {"flow": code},
            right=right,
            wrong=wrong,
            other=other,
            other_gets="own",
            query={"show": "all"},
        )
        for code, right, wrong, other in (
            ("referral", "township", "director", "township2"),
            ("referral_down", "desk", "director", "desk2"),
            ("break_glass", "village", "desk", "village3"),
            ("person_merge", "registrar", "admin", "township2"),
            ("policy_amendment", "officer", "admin", "approver"),
            ("referral_out", "township", "director", "township2"),
            ("round", "desk", "director", "desk2"),
            ("complaint", "townhead", "admin", "townhead2"),
            ("criteria_change", "officer", "admin", "approver"),
            ("seal_outage", "admin", "director", "supervisor"),
            ("failed_job", "admin", "director", "supervisor"),
        )
    ),
    "desk:export": tuple(
        Example(
            at=lambda g, kind=kind: {"flow": "referral", "kind": kind},
            wrong="director",
            other_gets="own",
            query={"show": "all"},
        )
        for kind in ("csv", "xlsx")
    ),
    "desk:create": (
        Example(
            at=lambda g: {"flow": "person_merge"},
            right="registrar",
            wrong="admin",
            other="registrar2",
            other_gets="own",
        ),
        Example(at=lambda g: {"flow": "break_glass"}, right="village", wrong="desk", other="admin"),
    ),
    "desk:create_draft": (
        Example(
            at=lambda g: {"flow": "person_merge"},
            right="registrar",
            wrong="admin",
            other="registrar2",
            other_gets="own",
            post=True,
            data={"reason": "x"},
        ),
    ),
    "desk:flow": (Example(at=lambda g: {"flow": "referral"}, wrong="director", other_gets="own"),),
    "desk:statistics": (Example(at=lambda g: {"flow": "referral"}, wrong="director", other_gets="own"),),
    "desk:case": (
        Example(at=_case("referral"), wrong="director", patient_gets="refused"),
        Example(at=_case("referral_back"), wrong="director"),
        Example(at=_case("break_glass"), right="supervisor", wrong="bureau_head", wrong_gets="may", other="village3"),
        Example(at=_case("merge"), right="registrar2", wrong="admin", other="township2"),
        Example(at=_case("amendment"), right="approver", wrong="admin", other="township"),
        Example(at=_case("complaint"), right="townhead", wrong="specialist", other="townhead2"),
        Example(at=_case("outage"), right="admin", wrong="registrar", other="director"),
        Example(at=_case("job_failure"), right="admin", wrong="registrar", other="director"),
    ),
    "desk:do": (
        Example(
            at=_case("outage", transition="explain"), right="admin", wrong="supervisor", other="director", post=True
        ),
        Example(
            at=_case("complaint", transition="take"), right="townhead", wrong="township", other="townhead2", post=True
        ),
        Example(
            at=_case("referral", transition="reassign"), right="desk", wrong="specialist", other="desk2", post=True
        ),
        Example(at=_case("referral", transition="accept"), right="desk", wrong="specialist", other="desk2"),
        Example(at=_case("referral", transition="accept"), right="desk", wrong="township", other="desk2", post=True),
        Example(at=_case("referral_back", transition="confirm"), wrong="director", post=True),
        Example(
            at=_case("merge", transition="confirm"), right="registrar2", wrong="admin", other="township2", post=True
        ),
        Example(
            at=_case("amendment", transition="approve"), right="approver", wrong="officer", other="township", post=True
        ),
        Example(
            at=_case("break_glass", transition="justify"),
            right="supervisor",
            wrong="bureau_head",
            other="village3",
            post=True,
        ),
    ),
    "desk:draft": (
        Example(
            at=_case("referral", transition="accept"),
            right="desk",
            wrong="specialist",
            other="desk2",
            post=True,
            data={"note": "x"},
        ),
    ),
    "desk:print": (
        Example(at=_case("referral"), wrong="director"),
        Example(at=_case("referral_back"), wrong="director"),
    ),
    "referral:board": (Example(right="desk", wrong="specialist", other="desk2", other_gets="own"),),
    "referral:register": (Example(right="desk", wrong="director", other="desk2", other_gets="own"),),
    "referral:register_file": tuple(
        Example(at=lambda g, kind=kind: {"kind": kind}, right="desk", wrong="director", other="desk2", other_gets="own")
        for kind in ("csv", "pdf")
    ),
    "referral:declined": (Example(right="desk", wrong="specialist", other="desk2", other_gets="own"),),
    "referral:criteria": (Example(wrong="registrar", other_gets="own"),),
    "referral:criterion": (Example(at=lambda g: {"code": "UP-HTN-EMERGENCY"}, wrong="registrar", other_gets="own"),),
    "complaint:mine": (_mine(other_gets="own", neighbour_gets="own"),),
    "complaint:new": (_mine(at=lambda g: {"kind": "refusal"}, other_gets="own", neighbour_gets="own"),),
    "complaint:rate": (_mine(at=_case("complaint", transition="withdraw")),),
    "registry:residents": (staff(wrong="townhead"),),
    "registry:find": (
        staff(),
        staff(query={"q": "本方甲"}),
        staff(right="township2", other="township", query={"q": "对方己"}),
    ),
    "registry:register": (staff(),),
    "registry:duplicates": (Example(right="registrar", wrong="admin", other="registrar2", other_gets="own"),),
    "registry:different": (
        Example(
            at=lambda g: {"id": g.rows["suspect"]},
            right="registrar",
            wrong="admin",
            other="township2",
            post=True,
            data={"why": "核对"},
        ),
    ),
    "registry:sort": (
        Example(at=lambda g: {"case": g.rows["merge"]}, right="registrar2", wrong="admin", other="township2"),
    ),
    "registry:cards": (Example(at=_person), Example(at=_person, post=True, data={"do": "health"})),
    "registry:print_card": (Example(at=lambda g: {"id": g.small.people[0], "card": g.rows["card"]}),),
    "registry:life": (Example(at=_person), Example(at=_person, post=True)),
    "registry:life_undo": (Example(at=lambda g: {"id": g.small.people[0], "event": g.rows["life"]}),),
    "registry:newborn": (Example(at=lambda g: {"id": g.small.people[1]}),),
    "registry:my_card": (
        _mine(other_gets="own", neighbour_gets="own"),
        _mine(other_gets="own", neighbour_gets="own", post=True, data={"do": "health"}),
    ),
    "registry:my_code": (_mine(other_gets="own", neighbour_gets="own"),),
    "registry:resident": (Example(at=_person),),
    "registry:relations": (Example(at=_person),),
    "registry:looked": (Example(at=_person, wrong="director"),),
    "registry:change": (Example(at=_person), Example(at=_person, post=True)),
    "registry:open": (Example(at=_person, other_gets="may"), Example(at=_person, post=True, other_gets="may")),
    "registry:reveal": (
        Example(at=lambda g: {"id": g.small.people[0], "what": "id"}),
        Example(at=lambda g: {"id": g.small.people[0], "what": "phone"}),
    ),
    "registry:guardians": (Example(at=_person), Example(at=_person, post=True)),
    "registry:guardian_stop": (
        Example(at=lambda g: {"id": g.small.people[0], "delegation": g.rows["guardian"]}, post=True),
    ),
    "registry:family": (_mine(other_gets="own", neighbour_gets="own"),),
    "registry:family_code": (_mine(other_gets="own", neighbour_gets="own", post=True),),
    "registry:family_stop": (_mine(at=lambda g: {"id": g.rows["family"]}, post=True),),
    "registry:institutions": (staff(wrong=None),),
    "registry:institution": (staff(at=lambda g: {"id": g.small.units["T1"]}, wrong=None),),
    "registry:abilities": (
        staff(at=lambda g: {"id": g.small.units["T1"]}, wrong=None),
        Example(
            at=lambda g: {"id": g.small.units["T1"]}, right="admin", wrong="registrar", other="township", post=True
        ),
    ),
    "cockpit": (
        staff(right="director", wrong="desk", other="director2"),
        staff(right="townhead", wrong="township", other="townhead2"),
    ),
    "cockpit_print": (staff(right="director", wrong="desk", other="director2"),),
    "registry:map": (
        staff(wrong=None),
        staff(right="director", wrong=None, other="admin"),
    ),
    "registry:tree": (staff(wrong=None, query={"all": "1"}),),
    "registry:shapes": (Example(right="admin", wrong="supervisor", other="director"),),
    "registry:mode": (Example(at=_clinic, **ADMIN), Example(at=_clinic, **ADMIN, post=True)),
    "registry:alliances": (staff(wrong=None), Example(right="admin", wrong="registrar", other="township", post=True)),
    "registry:alliance_create": (Example(**ADMIN), Example(**ADMIN, post=True)),
    "registry:alliance": (staff(wrong=None, at=lambda g: {"id": g.rows["alliance"]}),),
    "registry:alliance_act": tuple(
        Example(at=lambda g, verb=verb: {"id": g.rows["alliance"], "verb": verb}, **ADMIN, post=True)
        for verb in ("change", "member", "unify", "body", "end")
    ),
    "registry:centres": (staff(wrong=None),),
    "registry:centre_create": (Example(**ADMIN), Example(**ADMIN, post=True)),
    "registry:centre": (staff(wrong=None, at=lambda g: {"id": g.rows["centre"]}),),
    "registry:centre_act": tuple(
        Example(
            at=lambda g, verb=verb: {"id": g.rows["centre"], "verb": verb},
            right=right,
            wrong="specialist",
            other="head_c1",
            post=True,
        )
        for verb, right in (("hours", "director"), ("duty", "admin"), ("service", "director"))
    ),
    "registry:catchment": (staff(wrong=None),),
    "registry:gaps": (staff(wrong=None),),
    "registry:place": (
        staff(wrong=None, at=_place),
        Example(at=_place, right="admin", wrong="registrar", other="township", post=True),
    ),
    "registry:accounts": (Example(**ADMIN),),
    "registry:account_create": (Example(**ADMIN), Example(**ADMIN, post=True)),
    "registry:account": (Example(at=lambda g: {"id": g.small.accounts["township"]}, **ADMIN),),
    "registry:account_act": tuple(
        Example(at=lambda g, verb=verb: {"id": g.small.accounts["village2"], "verb": verb}, **ADMIN, post=True)
        for verb in ("password", "second-factor", "close", "reopen", "seat")
    ),
    "registry:supervision": (Example(right="supervisor", wrong="bureau_head", other="township"),),
    "figures": (staff(wrong="village"),),
    "figures_rebuild": (staff(wrong="village", post=True),),
    "figure": (staff(at=lambda g: {"code": g.figure}, wrong="village"),),
    "spreadsheets:imports": (Example(**ADMIN), Example(**ADMIN, post=True)),
    "spreadsheets:run": (Example(at=_run, **ADMIN),),
    "spreadsheets:go": (Example(at=_run, **ADMIN, post=True),),
    "spreadsheets:problems": (Example(at=_run, **ADMIN),),
    "spreadsheets:credentials": (Example(at=_run, **ADMIN, post=True),),
    "spreadsheets:blank": tuple(
        Example(at=lambda g, form=form: {"kind": "residents", "form": form}, **ADMIN) for form in ("csv", "xlsx")
    ),
    "spreadsheets:export": tuple(
        Example(at=lambda g, kind=kind, form=form: {"kind": kind, "form": form}, **ADMIN)
        for kind, form in (("residents", "csv"), ("residents", "xlsx"), ("staff", "csv"), ("institutions", "xlsx"))
    ),
    "care:day": (staff(),),
    "care:find": (staff(), staff(query={"q": "本方甲"})),
    "care:register": (Example(at=_subject, other_gets="may"), Example(at=_subject, post=True, other_gets="may")),
    "care:visit": (Example(at=_visit), Example(at=_visit, post=True)),
    "care:suggestions": (Example(at=_visit, post=True),),
    "care:groups": (staff(),),
    "care:group_people": (staff(), staff(query={"colour": "red", "overdue": "1"})),
    "care:tags": (Example(at=_subject), Example(at=_subject, post=True)),
    "care:tag_end": (Example(at=lambda g: {"subject": g.small.people[0], "fact": g.rows["social"]}, post=True),),
    "care:record": (Example(at=_subject),),
    **booking(),
    **performance(),
    **finance(),
    **pool(),
    **sandbox(),
    **fund(),
    "care:allergy": (Example(at=_subject), Example(at=_subject, post=True)),
    "care:problem": (Example(at=_subject), Example(at=_subject, post=True)),
}

PUBLIC: dict[str, Mapping[str, Any]] = {
    "healthz": {}, "ca": {}, "ca_certificate": {}, "sign_in": {}, "sign_in_progress": {}, "choose_seat": {},
    "sign_out": {}, "switch_seat": {}, "desk:verify": {"code": "00000000"}, "offline:island": {}, "offline:worker": {},
    "offline:manifest": {},
}  # fmt: skip
"""Routes that answer anybody, with an example; they may show nothing of anybody."""
NAMES_BY_EVIDENCE = {"fund:evidence", "booking:new", "booking:wait", "registry:open", "care:register"}
"""Pages on which a relation is made: a traveller's name, sex and village are shown to confirm whom the card is of;
each showing is logged, counted and alarmed. Nothing clinical, no number."""
