"""``yigongti import``: institutions, staff and residents from spreadsheets; all of it or nothing, and repeatable."""

from __future__ import annotations

import argparse
import csv
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from yigongti.runtime.cli.errors import CommandError
from yigongti.runtime.cli.session import house

if TYPE_CHECKING:
    from yigongti.exchange.spreadsheets.facade import ImportReport

SHOWN = 20
"""Problems told on the terminal; ``--problems`` writes all of them."""


def options(parser: argparse.ArgumentParser) -> None:
    """Files, ``--dry-run``, ``--problems``, ``--credentials``."""
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="文件", help="机构、人员、居民表（.xlsx 或 .csv），次序不限"
    )
    parser.add_argument(
        "--codes", choices=("clinical", "insurance"), help="导入诊断编码表：国家临床版或医保版（一个文件）"
    )
    parser.add_argument("--version", metavar="版本", default="", help="诊断编码表的版本，与 --codes 同用")
    parser.add_argument("--dry-run", action="store_true", help="只检查，不写入")
    parser.add_argument("--problems", type=Path, metavar="文件", help="把全部问题写成 .csv")
    parser.add_argument(
        "--credentials", type=Path, metavar="文件", help="把新账号的初始密码写入该文件（只本人可读）；默认显示在屏幕上"
    )


def run(options: argparse.Namespace) -> int:
    """0 when everything was right; 1 when a row was not, and then nothing was written."""
    for path in options.files:
        if not path.is_file():
            raise CommandError(f"没有文件 {path}。请检查文件名和所在目录。")
    with house(owner=True):
        from yigongti.exchange.spreadsheets import facade as spreadsheets

        try:
            if options.codes:
                report = _codes(options)
            else:
                report = spreadsheets.import_files(options.files, dry_run=options.dry_run, progress=_told())
        except spreadsheets.NoRegion as refused:
            raise CommandError(str(refused)) from refused
        if options.problems and report.problems:
            options.problems.write_bytes(spreadsheets.problems_csv(report))
    _tell(report, options)
    return 0 if report.ok else 1


def _codes(options: argparse.Namespace) -> ImportReport:
    """One official table of diagnoses."""
    from yigongti.exchange.spreadsheets import facade as spreadsheets

    if len(options.files) != 1:
        raise CommandError("--codes 一次只导入一个文件。")
    try:
        return spreadsheets.import_codes(
            options.files[0], system=options.codes, version=options.version, dry_run=options.dry_run
        )
    except ValueError as wrong:
        raise CommandError(f"{wrong}（--version）。") from wrong


def _told() -> Callable[[int, int, str], None]:
    """Progress on a terminal, one line that is rewritten; nothing when the output goes elsewhere."""

    def told(done: int, total: int, text: str) -> None:
        if sys.stderr.isatty():
            print(f"\r  {done * 100 // max(total, 1):3d}%  {text}\033[K", end="", file=sys.stderr, flush=True)
            if done >= total:
                print("\r\033[K", end="", file=sys.stderr, flush=True)

    return told


def _tell(report: ImportReport, options: argparse.Namespace) -> None:
    for one in report.problems[:SHOWN]:
        column = f"“{one.column}”" if one.column else ""
        value = f"（{one.value}）" if one.value else ""
        print(f"✗ {one.where}{column}{value}：{one.reason}")
    if report.problem_count > SHOWN:
        more = f"全部写在 {options.problems}" if options.problems else "加 --problems 文件名 可写出全部"
        print(f"  ……共 {report.problem_count} 处，以上 {SHOWN} 处；{more}")
    for note in report.notes:
        print(f"  {note}")
    print(("✓ " if report.ok else "") + report.summary)
    if report.credentials:
        _hand_over(report, options.credentials)


def _hand_over(report: ImportReport, path: Path | None) -> None:
    """First passwords, told once: into a private file, or on the terminal."""
    rows = [(one.login, one.name, one.password) for one in report.credentials]
    if path is None:
        print("新账号的初始密码（只显示这一次，首次登录须修改）：")
        for login, name, password in rows:
            print(f"  {login}\t{name}\t{password}")
        return
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["账号", "姓名", "初始密码"])
        writer.writerows(rows)
    path.chmod(0o600)
    print(f"{len(rows)} 个新账号的初始密码写在 {path}，请分发后删除。")
