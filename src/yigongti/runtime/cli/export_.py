"""``yigongti export``: the three tables out of a running county, or empty ones to fill in."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from yigongti.runtime.cli.errors import CommandError
from yigongti.runtime.cli.session import django_setup, house
from yigongti.runtime.instance import Instance

KINDS = {"institutions": "机构", "staff": "人员", "residents": "居民"}


def options(parser: argparse.ArgumentParser) -> None:
    """Directory, ``--form``, ``--only``, ``--template``, ``--plain``."""
    parser.add_argument("directory", type=Path, metavar="目录", help="写到这个目录，文件名为 机构、人员、居民")
    parser.add_argument("--form", choices=("xlsx", "csv"), default="xlsx", help="格式，默认 xlsx")
    parser.add_argument("--only", choices=tuple(KINDS), action="append", help="只导出其中的表，可重复")
    parser.add_argument("--template", action="store_true", help="只要空表（含填写说明），用来收集数据")
    parser.add_argument("--plain", action="store_true", help="居民的身份证号和电话不遮蔽；记入访问日志")


def run(options: argparse.Namespace) -> int:
    """Write the files, readable by their owner only; existing ones are not overwritten."""
    kinds = options.only or list(KINDS)
    targets = {kind: options.directory / f"{KINDS[kind]}.{options.form}" for kind in kinds}
    if there := [str(path) for path in targets.values() if path.exists()]:
        raise CommandError(f"{'、'.join(there)} 已存在，没有覆盖。请换一个目录，或先移走它们。")
    options.directory.mkdir(parents=True, exist_ok=True)
    if options.template:
        django_setup(Instance.from_environment())
        from yigongti.exchange.spreadsheets.facade import template

        for kind, path in targets.items():
            path.write_bytes(template(kind, options.form))
    else:
        _export(targets, options)
    for path in targets.values():
        print(f"✓ {path}")
    return 0


def _export(targets: dict[str, Path], options: argparse.Namespace) -> None:
    with house(owner=True):
        from yigongti.exchange.spreadsheets.facade import export_county
        from yigongti.kernel.access.facade import maintenance

        clear = "，含明文身份证号和电话" if options.plain else ""
        with maintenance(reason=f"导出表格 {'、'.join(targets)}{clear}"):
            for kind, path in targets.items():
                content = export_county(kind, form=options.form, plain=options.plain)
                handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
