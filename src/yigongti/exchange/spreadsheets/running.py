"""An upload from the page to its report: kept sealed, run by the job as its robot, told step by step."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from yigongti.exchange.spreadsheets import facade
from yigongti.exchange.spreadsheets.models import ImportRun
from yigongti.exchange.spreadsheets.report import ImportReport, RowProblem, TableReport
from yigongti.kernel import calendar, crypto
from yigongti.kernel.access.door import Acting
from yigongti.kernel.audit import log
from yigongti.kernel.case.facade import Refused
from yigongti.kernel.jobs.facade import Job, defer
from yigongti.registry.facade import Credential

MAX_UPLOAD = 20 * 1024 * 1024
"""Bytes of all files of one upload; more goes through the command line."""
MAX_FILES = 6
KEPT = 1_000
"""Problems kept with a run; the file of bad rows says how many there were."""
JOB = "import"
_CONTENT, _CREDENTIALS = "spreadsheets.content", "spreadsheets.credentials"


def start(*, acting: Acting, files: Sequence[tuple[str, bytes]], dry_run: bool, client_id: UUID) -> ImportRun:
    """Keep the files and put the job off until this transaction commits; the same client id again is the same run.

    Raises Denied without `registry.import`; Refused: no file, too many, too large.
    """
    acting.demand("registry.import")
    again = ImportRun.objects.filter(client_id=client_id).first()
    if again is not None:
        return again
    if not files:
        raise Refused("没有选择文件", field="files", remedy="选择填好的表格（.xlsx 或 .csv）")
    size = sum(len(content) for _, content in files)
    if len(files) > MAX_FILES or size > MAX_UPLOAD:
        raise Refused(
            f"一次最多 {MAX_FILES} 个文件、共 {MAX_UPLOAD // 2**20} MB", field="files",
            remedy="分几次导入，或在服务器上运行 yigongti import",
        )  # fmt: skip
    packed = json.dumps([[name, base64.b64encode(content).decode()] for name, content in files])
    run: ImportRun = ImportRun.objects.create(
        client_id=client_id, seat_id=acting.seat_id, unit_id=acting.region_id or acting.unit_id,
        names=[name[:120] for name, _ in files], dry_run=dry_run, made_at=calendar.now(),
        content=crypto.ring().encrypt(packed, context=_CONTENT),
    )  # fmt: skip
    log.did("import_started", "import", [run.pk], [], why="试导入" if dry_run else "导入", files=run.names)
    defer(JOB, run_id=run.pk)
    return run


def for_real(*, acting: Acting, run_id: int, client_id: UUID) -> ImportRun:
    """Import what a clean dry run has checked, without sending it again. Raises Refused when it is no longer kept."""
    acting.demand("registry.import")
    again = ImportRun.objects.filter(client_id=client_id).first()
    if again is not None:
        return again
    tried = ImportRun.objects.select_for_update().get(pk=run_id)
    if not (tried.dry_run and tried.ok and tried.content):
        raise Refused("这次试导入的文件已不在系统中", remedy="请重新选择文件")
    run: ImportRun = ImportRun.objects.create(
        client_id=client_id, seat_id=acting.seat_id, unit_id=tried.unit_id, names=tried.names, dry_run=False,
        made_at=calendar.now(), content=tried.content,
    )  # fmt: skip
    ImportRun.objects.filter(pk=tried.pk).update(content="")
    log.did("import_started", "import", [run.pk], [], why="导入", files=run.names)
    defer(JOB, run_id=run.pk)
    return run


def work(acting: Acting, run_id: int) -> None:
    """The job: import the run's files as the robot; a run that is not waiting any more is left alone."""
    run = ImportRun.objects.select_for_update().filter(pk=run_id, state=ImportRun.State.WAITING).first()
    if run is None:
        return
    packed = json.loads(crypto.ring().decrypt(run.content, context=_CONTENT))
    files = [(name, base64.b64decode(content)) for name, content in packed]
    try:
        with transaction.atomic():
            report = facade.import_uploads(
                files, region_id=run.unit_id, dry_run=run.dry_run, progress=_progress(run.client_id)
            )
    except Exception:
        # Whatever it is, the person who waits has to be told; the trace goes to the machine's log.
        logging.getLogger(__name__).exception("import run %s", run_id)
        _end(run, ImportRun.State.FAILED, "导入中断，没有写入任何内容；请重试，仍不成功时联系维护人员")
        return
    if report.credentials:
        told = json.dumps([asdict(one) for one in report.credentials], ensure_ascii=False)
        run.credentials = crypto.ring().encrypt(told, context=_CREDENTIALS)
    run.ok, run.written, run.report = report.ok, report.written, stored(report)
    _end(run, ImportRun.State.DONE, report.summary)
    log.did("imported" if report.written else "import_checked", "import", [run.pk], [], why=report.summary[:200])


def _end(run: ImportRun, state: str, summary: str) -> None:
    run.state, run.summary, run.ended_at = state, summary[:300], calendar.now()
    if not (run.dry_run and run.ok):
        run.content = ""
    run.save(force_update=True)
    default_storage.delete(_progress_name(run.client_id))


def stored(report: ImportReport) -> dict[str, object]:
    """A report as it is kept: tables, the first problems (masked), how many there were, notes."""
    return {
        "tables": [asdict(t) for t in report.tables], "problems": [asdict(p) for p in report.problems[:KEPT]],
        "problem_count": report.problem_count, "notes": report.notes[:50],
    }  # fmt: skip


def loaded(run: ImportRun) -> ImportReport:
    """The report of a run."""
    kept = run.report
    return ImportReport(
        dry_run=run.dry_run, written=run.written, tables=[TableReport(**t) for t in kept.get("tables", ())],
        problems=[RowProblem(**p) for p in kept.get("problems", ())], problem_count=kept.get("problem_count", 0),
        notes=list(kept.get("notes", ())),
    )  # fmt: skip


def take_credentials(*, acting: Acting, run_id: int) -> list[Credential]:
    """The first passwords of a run, once: they are forgotten as they are told."""
    acting.demand("access.manage")
    run = ImportRun.objects.select_for_update().get(pk=run_id)
    if not run.credentials:
        return []
    told = json.loads(crypto.ring().decrypt(run.credentials, context=_CREDENTIALS))
    ImportRun.objects.filter(pk=run_id).update(credentials="")
    log.did("passwords_told", "import", [run_id], [], why="领取初始密码")
    return [Credential(**one) for one in told]


# --- progress: outside the transaction that does the work, so that others can see it -------------


def _progress_name(client_id: UUID) -> str:
    return f"imports/{client_id}.json"


def _progress(client_id: UUID) -> facade.Progress:
    """Writes how far the run is into a small file beside the other private files; holds counts only."""
    name = _progress_name(client_id)

    def told(done: int, total: int, text: str) -> None:
        content = ContentFile(json.dumps({"done": done, "total": total, "text": text[:80]}).encode())
        default_storage.delete(name)
        default_storage.save(name, content)

    return told


def progress_of(run: ImportRun) -> tuple[int, int, str]:
    """(done, all, what) of a waiting run."""
    try:
        with default_storage.open(_progress_name(run.client_id)) as file:
            told = json.loads(file.read())
        return int(told["done"]), int(told["total"]), str(told["text"])
    except (OSError, ValueError, KeyError):
        return 0, 100, "等待后台开始"


JOBS = (
    Job(JOB, "robot_import", work, "把上传的机构、人员、居民表格写入登记库",
        ("spreadsheets_importrun", "access_unit", "access_account", "access_seat", "registry_*")),
)  # fmt: skip
"""For the wiring."""
