"""What scripts may rely on: the commands' output and exit codes."""

from __future__ import annotations

import argparse
import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from yigongti.runtime.cli import COMMANDS, main, parser
from yigongti.runtime.cli.fund_ import VERBS
from yigongti.runtime.cli.words import WORDS, day, number, whole


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


def _parsers(monkeypatch: pytest.MonkeyPatch) -> Iterator[argparse.ArgumentParser]:
    """The top one, each command's and each verb's, as their modules made them."""
    monkeypatch.setattr(sys, "argv", ["yigongti", *COMMANDS, *VERBS])
    waiting = [parser()]
    while waiting:
        one = waiting.pop()
        yield one
        for action in one._actions:
            if isinstance(action.choices, dict):
                waiting.extend(action.choices.values())


def test_every_command_and_verb_explains_itself_in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = 0
    for one in _parsers(monkeypatch):
        seen += 1
        told = one.format_help()
        assert "用法：" in told
        for english in ("usage", "positional", "options:", "show this", "default", "subcommand"):
            assert english not in told.lower(), f"{one.prog} says {english!r}"
        for action in one._actions:
            asked = f"{one.prog} {'/'.join(action.option_strings) or action.metavar}"
            if isinstance(action.choices, dict):
                assert action.metavar, asked
                continue
            assert action.help == argparse.SUPPRESS or any("一" <= sign <= "鿿" for sign in action.help or ""), asked
            assert action.metavar or action.nargs == 0 or action.choices, f"{asked} shows its English name as its value"
            assert action.type in (None, Path, whole, number, day), f"{asked}: argparse names this type in English"
    assert seen > len(COMMANDS) + len(VERBS)


def test_every_command_refuses_wrong_usage_in_chinese(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for one in _parsers(monkeypatch):
        for words in (["--no-such-option"], ["frobnicate", "frobnicate", "--no-such-option"], ["--data"]):
            with pytest.raises(SystemExit) as ended:
                one.parse_args(words)
            assert ended.value.code == 2
            told = capsys.readouterr().err
            assert re.search(r"还缺|不认识|没有“|后面要写|不是整数", told), told
            for english in ("usage", "error", "argument", "required", "invalid", "choose", "expected"):
                assert english not in told, told


def test_every_word_that_argparse_tells_a_user_has_ours() -> None:
    """A new Python that says something new is noticed here. What only a programmer can cause stays in English."""
    programmer = (
        "conflicting option string: %s", "conflicting option strings: %s", ".__call__() not defined",
        "'required' is an invalid argument for positionals", "mutually exclusive arguments must be optional",
        "%r is not callable", "cannot merge actions - two groups are named %r", "dest= is required for options like %r",
        "invalid option string %(option)r: must start with a character %(prefix_chars)r",
        "invalid conflict_resolution value: %r", "cannot have multiple subparser arguments", "conflicting subparser: %s",
        "conflicting subparser alias: %s", 'argument "-" with mode %r',
    )  # fmt: skip
    asked = {
        word.value
        for call in ast.walk(ast.parse(Path(argparse.__file__).read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ("_", "ngettext")
        for word in call.args
        if isinstance(word, ast.Constant)
    }
    assert "usage: " in asked
    assert asked - set(WORDS) - set(programmer) == set()
    places = re.compile(r"%(?:\(\w+\))?[sr]")
    for theirs, ours in WORDS.items():
        assert {one[:-1] for one in places.findall(ours)} <= {one[:-1] for one in places.findall(theirs)}, theirs


def test_an_unknown_command_is_wrong_usage() -> None:
    done = _run("frobnicate")
    assert done.returncode == 2
    assert "没有“frobnicate”，可选" in done.stderr
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


def test_who_cannot_sign_in_any_more_is_rescued_on_the_server_and_the_log_keeps_it(
    county: str, admin: psycopg.Connection
) -> None:
    from django.contrib.auth.hashers import check_password

    admin.execute("update access_account set second_factor = 'lost', active = false where login = 'admin'")
    done = _run("accounts", "--rescue", "admin", database=county)
    assert done.returncode == 0, done.stderr
    row = admin.execute("select password, must_change, second_factor, active from access_account where login = 'admin'")
    [(password, must_change, second_factor, active)] = row.fetchall()
    assert (must_change, second_factor, active) == (True, None, True)
    told = re.search(r"初始密码 (\S+)", done.stdout)
    assert told is not None
    assert check_password(told[1], password)
    kept = admin.execute("select why from audit_entry where action = 'maintenance' order by id desc limit 1").fetchone()
    assert kept == ("服务器上重置账号 admin",)
    unknown = _run("accounts", "--rescue", "nobody", database=county)
    assert unknown.returncode == 1
    assert "没有登录账号 nobody" in unknown.stderr


def test_a_second_county_in_the_same_database_is_refused_and_nothing_changes(county: str) -> None:
    done = _run("county", "new", "--residents", "10", database=county)
    assert done.returncode == 1
    assert "--data" in done.stderr


def test_a_whole_log_is_verified_with_exit_code_0(county: str, admin: psycopg.Connection, tmp_path: Path) -> None:
    from yigongti.kernel.audit.seal import seal_once

    # What stays unsealed for minutes is reported, and no sealer runs here; what the county sealed as it was made stays as it is.
    admin.execute("update audit_entry set at = now() where id not in (select entry_id from audit_sealed)")
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
