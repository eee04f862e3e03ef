"""Special-case reviews of a simulated county: one granted, others on their way, within the year's share.

Runs after the catalogues, by which a stay is judged.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from yigongti.benefit.fund.actions.special import applied_for
from yigongti.benefit.fund.flow import SPECIAL
from yigongti.benefit.fund.models import Catalogue, Claim, Opinion, Paper
from yigongti.benefit.fund.paper import number_of
from yigongti.benefit.fund.queries import catalogue as catalogues
from yigongti.benefit.fund.queries import deviation
from yigongti.benefit.fund.queries import special as queries
from yigongti.benefit.fund.rules.special import allowed
from yigongti.kernel.access.models import Seat
from yigongti.kernel.sampling import Sampling
from yigongti.service.referral.facade import sampled

DAY = timedelta(days=1)
_STORIES: tuple[tuple[int, tuple[str, ...]], ...] = (
    (24, ("accept", "opine", "opine", "report", "grant")), (4, ("accept", "opine")), (12, ("accept", "opine", "opine", "report")),
    (1, ()),
)  # fmt: skip
"""Days ago of the application, and its steps."""
_TEXT = "老年患者，合并多种慢病，病情加重入重症监护，呼吸支持时间长，药品和监护费用高于同病种。多学科会诊记录附后。"
_PAPER = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
"""An empty page: simulated papers say nothing."""
_DIGEST = hashlib.sha256(_PAPER).hexdigest()


def sample(sampling: Sampling) -> None:
    """Write the rows. Runs as owner inside maintenance."""
    county = sampled.the_county(sampling)
    seats = sorted(county.seats.values(), key=lambda one: one.pk)
    bureau = next((one for one in seats if one.role_id == "insurance_bureau"), None)
    clerks = {one.unit_id: one for one in seats if one.role_id == "settlement_clerk"}
    papers = []
    for row in Catalogue.objects.filter(published_at__isnull=False, year=sampling.as_of.year).select_related(
        "consortium"
    ):
        own = {one.role_id: one for one in seats if one.unit_id == row.consortium_id}
        experts = [one for one in seats if one.unit_id == row.consortium_id and one.role_id == "fund_expert"]
        if bureau is None or "insurance_office" not in own or len(experts) < 2:
            continue
        year = deviation.year_of(row)
        room = allowed(year.cases, catalogues.special_share(row.place, sampling.as_of)) if year.year == row.year else 0
        high = Claim.objects.select_related("institution").in_bulk([one.claim_id for one in year.special])
        fit = [claim for claim in high.values() if claim.institution_id in clerks]
        fit.sort(key=lambda one: (-one.total_fen, one.pk))
        for claim, (ago, steps) in zip(fit[:room], _STORIES, strict=False):
            rng = sampling.rng("fund", "special", claim.pk)
            teller = _Teller(
                sampled.Story(county, SPECIAL, rng), claim, row.consortium_id, clerks[claim.institution_id]
            )
            papers.append(teller.tell(county.ago(24 * ago), steps, own["insurance_office"], experts, bureau))
    county.keep()
    Paper.objects.bulk_create(papers)


class _Teller:
    """One review, step by step."""

    def __init__(self, story: sampled.Story, claim: Claim, consortium: int, clerk: Seat) -> None:
        self.story, self.claim, self.consortium, self.clerk = story, claim, consortium, clerk

    def tell(self, at: datetime, steps: tuple[str, ...], office: Seat, experts: list[Seat], bureau: Seat) -> Paper:
        claim, story = self.claim, self.story
        found = queries.grouped(claim, self.consortium)
        assert found is not None
        assert bureau.unit_id is not None
        values = {"reason": "high_cost", "text": _TEXT, "claim": claim.pk}
        story.begin(seat=self.clerk, at=at, to_unit=self.consortium, subject_id=None, title=f"特例单议 {number_of(claim)}",
                    hq=bureau.unit_id, values=values)  # fmt: skip
        row = applied_for(story.case, claim, self.consortium, found, values)
        story.row = row
        wished = (found.stay.points_milli + found.most_milli) // 2
        given = iter(experts)
        rows = []
        for step in steps:
            at += story.rng.uniform(20, 60) * timedelta(hours=1)
            seat = {"opine": next(given, experts[-1]) if step == "opine" else office, "grant": bureau}.get(step, office)
            if not story.act(step, seat, at, {}):
                break
            if step == "opine" and seat.account_id is not None:
                rows.append(Opinion(special_id=story.case.pk, supports=True, points_milli=wished, text="病情危重，费用与病情相符。",
                                    seat=seat, account=seat.account_id, at=at))  # fmt: skip
            if step == "grant":
                row.decision, row.granted_milli, row.decision_text = "granted", wished, "专家意见一致，同意。"
                row.decided_by, row.decided_at = bureau, at
        story.finish()
        story.county.more.extend(rows)
        return Paper(
            special_id=story.case.pk,
            name="病历摘要.pdf",
            content=_PAPER,
            digest=_DIGEST,
            seat=self.clerk,
            at=story.case.opened_at,
        )
