"""What scripts may rely on: the commands' output and exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from yigongti.runtime.cli import COMMANDS, main


def _run(*words: str, database: str = "", **extra: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, **extra, **({"YGT_DATABASE": database} if database else {})}
    return subprocess.run(
        [sys.executable, "-m", "yigongti.runtime.cli", *words], capture_output=True, text=True, env=env, timeout=120
    )


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_explains_itself(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", [])
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert COMMANDS[command][:4] in capsys.readouterr().out


def test_an_unknown_command_is_wrong_usage() -> None:
    done = _run("frobnicate")
    assert done.returncode == 2
    assert "serve" in done.stderr


def test_accounts_of_a_simulated_county_are_listed_as_json_one_of_each_role_first(county: str) -> None:
    done = _run("accounts", "--json", database=county)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert set(found[0]) == {"login", "password", "name", "role", "role_title", "unit"}
    roles = {one["role"] for one in found}
    assert len({one["role"] for one in found[: len(roles)]}) == len(roles)
    assert {"township_doctor", "referral_desk", "specialist", "resident"} <= roles


def test_accounts_of_a_county_that_is_not_simulated_are_refused(database: str) -> None:
    done = _run("accounts", "--json", database=database)
    assert done.returncode == 1
    assert "模拟县" in done.stderr
    assert done.stdout == ""


def test_a_second_county_in_the_same_database_is_refused_and_nothing_changes(county: str) -> None:
    done = _run("county", "new", "--residents", "10", database=county)
    assert done.returncode == 1
    assert "--data" in done.stderr


def test_a_whole_log_is_verified_with_exit_code_0(county: str, admin: psycopg.Connection, tmp_path: Path) -> None:
    from yigongti.kernel.audit.seal import seal_once

    admin.execute(
        "update audit_entry set at = now()"
    )  # what stays unsealed for minutes is reported, and no sealer runs here
    while seal_once(tmp_path / "anchor"):
        pass
    done = _run("audit", "verify", "--json", database=county)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["good"] is True


def test_the_policy_command_tells_value_status_and_source() -> None:
    done = _run("policy", "show", "access.session.idle", "--at", "hunan", "--on", "2026-07-01")
    assert done.returncode == 0, done.stderr
    for word in ("值", "状态", "依据", "查找顺序"):
        assert word in done.stdout


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("policy", "show", "no.such.key", "--at", "hunan"), "no.such.key"),
        (("policy", "show", "access.session.idle", "--at", "atlantis"), "atlantis"),
        (("policy", "show", "access.session.idle", "--at", "hunan", "--on", "2026-13-40"), "2026-13-40"),
        (("policy", "show", "access.session.idle", "--at", "hunan", "--on", "2026-02-30"), "2026-02-30"),
    ],
)
def test_wrong_input_is_named_in_the_refusal(
    words: tuple[str, ...], named: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", [])
    try:
        code = main(list(words))
    except SystemExit as ended:  # argparse's own refusals
        code = ended.code  # type: ignore[assignment]
    assert code in (1, 2)
    assert named in capsys.readouterr().err


def test_events_are_listed_with_their_reactions(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", [])
    assert main(["events", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert listed
    assert all(one["meaning"] for one in listed)
