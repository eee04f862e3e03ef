"""Keeps the schema of a release: a small simulated county as SQL text, which later versions must be able to take over.

    python -m tests.drill.releases.make 0.2

Run once at every release, from the tagged checkout. Writes ``<version>.sql.gz`` and ``<version>.json`` beside this file:
rows by table, the head of the log's chain, the key file (of simulated people; it opens nothing else).
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg

from yigongti.runtime import backup
from yigongti.runtime.instance import Instance
from yigongti.runtime.postgres import Server

FOLDER = Path(__file__).parent
RESIDENTS = 40
LIMIT = 300_000
"""Bytes of one compressed dump; the repository carries them for ever."""
SEAL = """
import django; django.setup()
from django.conf import settings
from yigongti.kernel.audit import facade as audit
audit.seal_once(settings.AUDIT_ANCHOR)
"""


def make(version: str) -> Path:
    """Make the two files of a release; the path of the dump."""
    with tempfile.TemporaryDirectory(prefix="ygt-release-") as name:
        Path(name).chmod(0o755)
        os.environ.update(YIGONGTI_DATA=name, DJANGO_SETTINGS_MODULE="yigongti.runtime.settings")
        instance = Instance(Path(name))
        with Server(instance, fast=True):
            words = ["county", "new", "--residents", str(RESIDENTS), "--quiet"]
            subprocess.run([sys.executable, "-m", "yigongti.runtime.cli", *words], check=True)
            subprocess.run([sys.executable, "-c", SEAL], check=True)
            with psycopg.connect(instance.dsn(admin=True), autocommit=True) as connection:
                connection.execute("truncate access_session, procrastinate_workers cascade")
                connection.execute("analyze")
                tables = backup.count_tables(connection)
            dumped = subprocess.run(
                [backup.client_program(instance, "pg_dump"), *backup.client_options(instance), "--no-comments"],
                env=backup.client_environment(instance), capture_output=True, check=True,
            ).stdout  # fmt: skip
        text = b"".join(
            line for line in dumped.splitlines(keepends=True) if not line.startswith((b"\\restrict", b"\\unrestrict"))
        )
        content = gzip.compress(text, 9, mtime=0)
        assert len(content) < LIMIT, f"{len(content)} bytes: too large to carry for ever"
        path = FOLDER / f"{version}.sql.gz"
        path.write_bytes(content)
        about = {
            "tables": tables,
            "anchor": json.loads((instance.home / "anchor" / "audit.json").read_text()),
            "keys": json.loads((instance.keys_dir / "fields.json").read_text()),
        }
        path.with_name(f"{version}.json").write_text(json.dumps(about, ensure_ascii=False, indent=1) + "\n")
    return path


if __name__ == "__main__":
    made = make(sys.argv[1])
    print(f"{made} {made.stat().st_size} bytes")
