"""The settlement paper: A4, every yuan in plain words with its clause, a code that opens it on the resident's phone."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from yigongti.benefit.fund.models import Claim, Settlement
from yigongti.benefit.fund.models.claims import spoken
from yigongti.benefit.fund.queries import claims, explaining, insured, residence
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.audit import log
from yigongti.kernel.money import capitals, yuan
from yigongti.kernel.printing import (
    Column,
    Fields,
    Note,
    Paragraph,
    Printout,
    Signatures,
    Table,
    answer_printed,
)


def number_of(claim: Claim) -> str:
    """The claim's number as said on the telephone."""
    return spoken(claim.pk, claim.end_date)


def paper(claim: Claim, row: Settlement, *, address: str) -> Printout:
    """The paper of a settlement; `address` is what the code leads to. A voided one says across the page that it is."""
    told = explaining.of_row(row)
    name = insured.called([claim.subject_id]).get(claim.subject_id, "")
    head = Fields((
        ("姓名", name), ("险种", claim.get_insurance_display()), ("参保地", residence.insured_of(claim, row.place)),
        ("就诊机构", claim.place_name),
        ("类别", claim.get_kind_display()), ("入院或就诊", str(claim.start_date)), ("出院或就诊", str(claim.end_date)),
        ("主要诊断", f"{claim.principal_dx} {claim.dx_name}".strip()), ("转诊", claim.get_referral_display()),
        ("医疗救助类别", claim.get_aid_class_display()), ("国家结算编号", claim.setl_id),
    ))  # fmt: skip
    parts = [(part.payer, part.title, yuan(part.fen)) for part in (*told.funds, *told.person)]
    columns = (Column("由谁支付", 1), Column("哪一部分", 3), Column("金额（元）", 1.4, "right"))
    total = Table(columns, (*parts, ("合计", "总费用", yuan(claim.total_fen))), title="一、这次费用由谁支付")
    steps = [
        Paragraph(
            f"{step.number}　{step.title}",
            "\n".join((*step.lines, *(f"依据：{one.title}，{one.text}" for one in cited))),
        )
        for step, cited in told.steps
    ]
    pays = f"个人应付 {yuan(row.person_pays_fen)} 元（大写：{capitals(row.person_pays_fen)}）"
    notes = ["本说明按结算当日有效的政策参数计算，参数标有“假定”“待核实”的以统筹地区公布为准。"]
    if claim.contracted and not claim.contract_confirmed:
        notes.append("“经签约家庭医生转诊”为窗口登记，待核实。")
    return Printout(
        "医疗保险结算说明", number_of(claim), claim.place_name,
        (head, Paragraph("", pays), total, *steps, Note("　".join(notes)), Signatures(("居民或家属", "结算员"))),
        verify_url=address, paper="A4", mark="" if claims.stands(claim) else "已冲销",
        subtitle="二维码可在手机上打开本说明（须本人登录）",
    )  # fmt: skip


def answer(request: HttpRequest, acting: Acting, claim: Claim) -> HttpResponse:
    """The PDF as an answer."""
    address = request.build_absolute_uri(reverse("fund:me_claim", args=[claim.pk]))
    log.did("printed", "claim", [claim.pk], [claim.subject_id])
    return answer_printed(acting, paper(claim, claims.shown(claim), address=address), number_of(claim))
