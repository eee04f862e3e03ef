"""Import through the page: checked by the job, shown with its problems, then written, then exported."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.exchange.files import RESIDENTS, county_files, csv_file


def _upload(client: Any, *paths: Path, client_id: Any = None) -> Any:
    files = [SimpleUploadedFile(path.name, path.read_bytes()) for path in paths]
    return client.post("/import/", {"files": files, "client_id": str(client_id or uuid4())})


def _work(small: Any) -> None:
    from yigongti.exchange.spreadsheets.models import ImportRun
    from yigongti.kernel import crypto
    from yigongti.kernel.jobs.facade import job_named, run

    with small.as_seat("admin"):
        waiting = list(ImportRun.objects.filter(state="waiting").values_list("pk", flat=True))
    for pk in waiting:
        with crypto.using(small.ring):
            run(job_named("import"), run_id=pk)


def test_a_county_is_checked_and_then_imported_through_the_page(small: Any, tmp_path: Path) -> None:
    from tests.registry.browse import browser, text
    from yigongti.exchange.spreadsheets.models import ImportRun
    from yigongti.kernel.access.models import Account
    from yigongti.registry.models import Resident

    with browser(small, "admin") as client:
        sent = _upload(client, *county_files(tmp_path))
        assert sent.status_code == 302
        assert "等待后台开始" in text(client.get(sent["Location"]))
        _work(small)
        shown = text(client.get(sent["Location"]))
        assert "试导入通过" in shown, shown
        with small.as_seat("admin"):
            assert Resident.objects.count() == 7
            assert RESIDENTS[1][1] not in ImportRun.objects.get().content
        again = client.post(sent["Location"] + "go/", {"client_id": str(uuid4())})
        _work(small)
        shown = text(client.get(again["Location"]))
        assert "已导入" in shown, shown
        told = text(client.post(again["Location"] + "passwords/"))
        assert "wang" in told
        assert "wang" not in text(client.post(again["Location"] + "passwords/"))
    with small.as_seat("admin"):
        assert Resident.objects.count() == 8
        assert Account.objects.filter(login="wang").exists()
        assert set(ImportRun.objects.values_list("content", flat=True)) == {""}


def test_bad_rows_are_shown_masked_and_can_be_downloaded(small: Any, tmp_path: Path) -> None:
    from tests.registry.browse import browser, text

    rows = [RESIDENTS[0], ["张三", RESIDENTS[1][1][:-1] + "?", "138", RESIDENTS[1][3], "", "", ""]]
    with browser(small, "admin") as client:
        sent = _upload(client, csv_file(tmp_path, "r.csv", rows))
        _work(small)
        shown = text(client.get(sent["Location"]))
        assert "没有写入任何内容" in shown
        assert "第 2 行" in shown
        assert RESIDENTS[1][1][:-1] not in shown
        table = client.get(sent["Location"] + "problems.csv")
        assert table["Content-Type"].startswith("text/csv")
        assert RESIDENTS[1][1][:-1] not in text(table)
        assert client.post(sent["Location"] + "go/", {"client_id": str(uuid4())})["Location"] == "/import/"


def test_the_same_upload_sent_twice_is_one_run(small: Any, tmp_path: Path) -> None:
    from tests.registry.browse import browser
    from yigongti.exchange.spreadsheets.models import ImportRun

    client_id = uuid4()
    with browser(small, "admin") as client:
        for _ in range(2):
            _upload(client, csv_file(tmp_path, "r.csv", RESIDENTS), client_id=client_id)
    with small.as_seat("admin"):
        assert ImportRun.objects.count() == 1


def test_an_export_masks_numbers_unless_asked_and_the_log_knows(small: Any) -> None:
    from tests.registry.browse import browser, text
    from yigongti.kernel.audit.models import Entry

    with browser(small, "admin") as client:
        masked = text(client.get("/export/residents.csv"))
        assert "张三" in masked
        assert not any(number in masked for number in small.numbers)
        plain = text(client.get("/export/residents.csv?plain=1"))
        assert all(number in plain for number in small.numbers)
        assert client.get("/export/institutions.xlsx").status_code == 200
        assert client.get("/export/passwords.csv").status_code == 404
    with browser(small, "village") as client:
        assert client.get("/export/residents.csv").status_code == 404
    with small.as_seat("supervisor"):
        assert Entry.objects.filter(action="exported", kind="residents", detail__plain=True).count() == 1


def test_what_is_exported_imports_again_without_a_change(small: Any, tmp_path: Path, as_owner: Any) -> None:
    from yigongti.exchange.spreadsheets import facade
    from yigongti.kernel import crypto

    with small.as_seat("admin"):
        tables = {
            kind: facade.export_county(kind, form="xlsx", plain=True) for kind in ("institutions", "staff", "residents")
        }
    for kind, content in tables.items():
        (tmp_path / f"{kind}.xlsx").write_bytes(content)
    with crypto.using(small.ring), as_owner():
        report = facade.import_files(sorted(tmp_path.glob("*.xlsx")), dry_run=False)
    assert report.written, report.problems
    assert {t.kind: (t.created, t.updated) for t in report.tables} == dict.fromkeys(tables, (0, 0))


def test_no_file_and_too_much_are_refused_clearly(small: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from tests.registry.browse import browser, text
    from yigongti.exchange.spreadsheets import running

    with browser(small, "admin") as client:
        assert "没有选择文件" in text(client.post("/import/", {"client_id": str(uuid4())}))
        monkeypatch.setattr(running, "MAX_UPLOAD", 10)
        answer = _upload(client, csv_file(tmp_path, "r.csv", RESIDENTS))
        assert answer.status_code == 422
        assert "yigongti import" in text(answer)
