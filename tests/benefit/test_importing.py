"""Settlement lists by file: every bad row told, nothing half-written, the same file again changes nothing."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.benefit.claims import YEAR, others
from tests.support.ground import Ground
from yigongti.benefit.fund.actions.importing import Report, run
from yigongti.benefit.fund.rules import lists
from yigongti.kernel import wiring
from yigongti.kernel.access.door import Denied
from yigongti.kernel.case.facade import Refused
from yigongti.shell import wiring as house

pytestmark = pytest.mark.database


@pytest.fixture(autouse=True)
def wired() -> Iterator[None]:
    with wiring.using(house):
        yield


def row(ground: Ground, number: int = 1, person: int = 4, **other: str) -> dict[str, str]:
    return {
        "setl_id": f"S{number}", "mdtrt_id": f"M{number}", "certno": ground.small.numbers[person], "hi_type": "390",
        "fixmedins_code": "H1", "fixmedins_name": "", "med_type": "21", "adm_time": f"{YEAR}-03-01", "dscg_time": f"{YEAR}-03-09",
        "medins_fill_dept": "医保办", "diag_code": "J18.9", "bill_code": "B", "bill_no": str(number), "medfee_sumamt": "8000.00",
        "fulamt_ownpay_amt": "400", "overlmt_selfpay": "100", "preselfpay_amt": "500",
    } | other  # fmt: skip


def csv(rows: list[dict[str, str]], encoding: str = "utf-8") -> bytes:
    return "\n".join([",".join(rows[0]), *(",".join(one.values()) for one in rows)]).encode(encoding)


def xlsx(rows: list[dict[str, str]]) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active.append(list(rows[0]))
    for one in rows:
        book.active.append(list(one.values()))
    book.save(out)
    return out.getvalue()


def parquet(rows: list[dict[str, str]]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), out)
    return out.getvalue()


def imported(ground: Ground, content: bytes, who: str = "settle", *, dry_run: bool = False) -> Report:
    with ground.small.as_seat(who) as acting:
        return run(acting=acting, name="清单", content=content, dry_run=dry_run)


def made(ground: Ground) -> int:
    with ground.small.as_seat("insurance"):
        return int(others(ground).count())


FORMS: dict[str, Any] = {
    "csv": csv, "bom": lambda rows: csv(rows, "utf-8-sig"), "gb18030": lambda rows: csv(rows, "gb18030"), "xlsx": xlsx,
    "parquet": parquet, "json": lambda rows: json.dumps({"setlinfo": rows}).encode(),
}  # fmt: skip


@pytest.mark.parametrize("form", list(FORMS))
def test_every_form_is_read_tried_written_and_the_same_again(ground: Ground, form: str) -> None:
    content = FORMS[form](
        [row(ground), row(ground, 2, 3, med_type="11", medfee_sumamt="1,000.00" if form == "json" else "1000")]
    )
    tried = imported(ground, content, dry_run=True)
    assert (tried.bad, tried.settled, tried.written, made(ground)) == ((), 2, False, 0)
    done = imported(ground, content)
    assert (done.bad, done.settled, done.written, made(ground)) == ((), 2, True, 2)
    again = imported(ground, content)
    assert (again.settled, again.same, made(ground)) == (0, 2, 2)


def test_what_the_sandbox_reckons_from_is_made_anew_after_an_import_and_not_after_a_trial(
    ground: Ground, admin: Any
) -> None:
    waiting = "select count(*) from procrastinate_jobs where task_name = 'fund_facts' and status = 'todo'"
    admin.execute("delete from procrastinate_jobs")
    imported(ground, csv([row(ground)]), dry_run=True)
    assert admin.execute(waiting).fetchone() == (0,)
    imported(ground, csv([row(ground)]))
    imported(ground, csv([row(ground, 2)]))
    assert admin.execute(waiting).fetchone() == (1,), "two imports, one job"


@pytest.mark.parametrize(
    ("wrong", "column", "code"),
    [
        ({"medins_fill_dept": ""}, "medins_fill_dept", "null"), ({"diag_code": ""}, "diag_code", "null"),
        ({"bill_code": ""}, "bill_code", "null"), ({"bill_no": ""}, "bill_no", "null"),
        ({"medfee_sumamt": "-1"}, "medfee_sumamt", "amount"), ({"medfee_sumamt": "1.234"}, "medfee_sumamt", "amount"),
        ({"fulamt_ownpay_amt": "9000"}, "medfee_sumamt", "eligible"), ({"dscg_time": f"{YEAR}-02-30"}, "dscg_time", "unknown"),
        ({"dscg_time": f"{YEAR}-02-01"}, "dscg_time", "dates"), ({"hi_type": "999"}, "hi_type", "unknown"),
        ({"certno": "110101190001010000"}, "certno", "unknown"), ({"fixmedins_code": "H2"}, "fixmedins_code", "unknown"),
    ],
)  # fmt: skip
def test_one_bad_row_is_told_with_its_column_and_nothing_is_written(
    ground: Ground, wrong: dict[str, str], column: str, code: str
) -> None:
    report = imported(ground, csv([row(ground), row(ground, 2, 3, **wrong)]))
    assert [(one.row, one.column, one.code) for one in report.bad] == [(3, lists.column(column), code)]
    assert report.bad[0].reason and not report.written and made(ground) == 0
    assert ground.small.numbers[3] not in str(report.bad)


def test_a_settlement_that_comes_twice_rejects_both_rows_and_a_changed_one_wants_a_void(ground: Ground) -> None:
    twice = imported(ground, csv([row(ground), row(ground, 1, 3)]))
    assert [one.code for one in twice.bad] == ["duplicate", "duplicate"]
    assert imported(ground, csv([row(ground)])).written
    changed = imported(ground, csv([row(ground, medfee_sumamt="9000")]))
    assert [one.code for one in changed.bad] == ["duplicate"] and "先冲销" in changed.bad[0].reason


def test_two_insurances_in_a_year_and_overlapping_stays_are_remarked_and_not_rejected(ground: Ground) -> None:
    assert imported(ground, csv([row(ground)])).remarks == ()
    rows = [
        row(ground, 2, adm_time=f"{YEAR}-03-08", dscg_time=f"{YEAR}-03-12"),
        row(ground, 3, adm_time=f"{YEAR}-03-12", dscg_time=f"{YEAR}-03-15"),
        row(ground, 4, hi_type="310", med_type="11", adm_time=f"{YEAR}-05-01", dscg_time=f"{YEAR}-05-01"),
        row(ground, 5, 3, hi_type="310", adm_time=f"{YEAR}-03-01"),
    ]
    for dry in (True, False):
        report = imported(ground, csv(rows), dry_run=dry)
        assert (report.bad, report.settled, report.written) == ((), 4, not dry)
        told = [(one.row, one.column) for one in report.remarks]
        insurance, stay = lists.column("hi_type"), lists.column("adm_time")
        assert told == [(2, stay), (2, insurance), (3, insurance), (4, insurance)]
        overlap, twice = report.remarks[0], report.remarks[3]
        assert f"{YEAR}-03-01 至 {YEAR}-03-09" in overlap.found and "第 3 行" not in overlap.found
        assert twice.found.count("城乡居民医保") == 3 and "本文件第 2 行" in twice.found and "参保关系" in twice.remedy
        assert ground.small.numbers[4] not in str(report.remarks)


def test_the_bureau_brings_claims_from_outside_the_county(ground: Ground) -> None:
    outside = row(ground, fixmedins_code="43990001", fixmedins_name="市第一人民医院", referral="up")
    assert imported(ground, csv([outside]), "settle").bad[0].code == "unknown"
    assert imported(ground, csv([outside]), "insurance").written
    with ground.small.as_seat("fund"):
        claim = others(ground).get()
        assert (claim.place_name, claim.level, claim.in_county, claim.source) == (
            "市第一人民医院",
            "city",
            False,
            "bureau",
        )


@pytest.mark.parametrize("content", [b"", b"PAR1 truncated", b"{", b"a,b\n1,2", b"\xff\xfe\x00"])
def test_what_is_no_list_is_refused_in_words(ground: Ground, content: bytes) -> None:
    with pytest.raises(Refused):
        imported(ground, content)


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.99])
def test_a_parquet_file_that_is_cut_off_is_refused_in_chinese(ground: Ground, kept: float) -> None:
    whole = parquet([row(ground)])
    with pytest.raises(Refused) as no:
        imported(ground, whole[: int(len(whole) * kept)])
    assert str(no.value).startswith("不是完整的 Parquet 文件") and "重新导出" in no.value.remedy and made(ground) == 0


def test_who_may_not_settle_may_not_import(ground: Ground) -> None:
    with pytest.raises(Denied):
        imported(ground, csv([row(ground)]), "fund")


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_chinese_headings_and_words_are_read_like_the_national_names(ground: Ground, form: str) -> None:
    words = {"hi_type": "城乡居民", "med_type": "住院", "referral": "上转"}
    told = {lists.TITLES[name]: value for name, value in row(ground, **words).items()}
    told["身份证号"] = told.pop("证件号码")
    report = imported(
        ground, FORMS[form]([told, {**told, "结算编号": "S2", "票据号码": "", "出院时间": f"{YEAR}-02-30"}])
    )
    assert [(one.row, one.column, one.word, one.reason) for one in report.bad] == [
        (3, "出院时间（dscg_time）", "代码或对象不符", "应为日期，如 2026-03-09"),
        (3, "票据号码（bill_no）", "缺项", "缺少票据号码，请补全后重新上传"),
    ]
    assert imported(ground, FORMS[form]([told])).settled == 1
    with ground.small.as_seat("insurance"):
        one = others(ground).get(setl_id="S1")
        assert (one.insurance, one.kind, one.referral, one.total_fen) == ("resident", "inpatient", "up", 800_000)


def test_the_blank_list_is_taken_by_the_import_once_it_is_filled_in(ground: Ground) -> None:
    client = ground.browser("settle")
    book = openpyxl.load_workbook(io.BytesIO(client.get("/fund/claims/import/blank.xlsx").getvalue()))
    assert book.sheetnames == ["结算清单", "填写说明"]
    told = row(ground)
    book["结算清单"].append([told.get(one.name, "") for one in lists.FIELDS])
    out = io.BytesIO()
    book.save(out)
    with ground.small.as_seat("settle") as acting:
        assert run(acting=acting, name="a.xlsx", content=out.getvalue(), dry_run=True).settled == 1


def test_a_file_without_a_column_that_must_be_there_is_refused_once_and_not_row_by_row(ground: Ground) -> None:
    rows = [{("种类" if key == "med_type" else key): value for key, value in row(ground, n).items()} for n in (1, 2)]
    with (
        ground.small.as_seat("settle") as acting,
        pytest.raises(Refused, match="医疗类别（med_type）；不认得的列：种类"),
    ):
        run(acting=acting, name="a.csv", content=csv(rows), dry_run=True)


def test_everything_that_was_found_comes_as_a_workbook_and_nothing_is_written(ground: Ground) -> None:
    rows = [row(ground, 1, bill_no=""), row(ground, 2, adm_time=f"{YEAR}-03-02")]
    before, client = made(ground), ground.browser("settle")
    file = SimpleUploadedFile("a.csv", csv(rows))
    book = openpyxl.load_workbook(
        io.BytesIO(client.post("/fund/claims/import/", {"file": file, "do": "sheet"}).getvalue())
    )
    assert [one.title for one in book.worksheets] == ["不合格的行", "请再核对的行"]
    assert [line[:2] for line in book["不合格的行"].values][1:] == [(2, "票据号码（bill_no）")]
    assert made(ground) == before
