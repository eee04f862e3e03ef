"""What a long command says while it works."""

from __future__ import annotations

import io
import time

from yigongti.runtime.cli.progress import Steps


def test_a_step_is_told_once_the_quiet_time_is_over_and_wiped_at_the_end() -> None:
    out = io.StringIO()
    told = Steps(out, quiet=0.02)
    told.thread.start()
    told("汇总 19 份结算清单")
    deadline = time.monotonic() + 5
    while "汇总 19 份结算清单…" not in out.getvalue() and time.monotonic() < deadline:
        time.sleep(0.01)
    told.close()
    assert "汇总 19 份结算清单…（0 秒）" in out.getvalue()
    assert out.getvalue().endswith("\r\033[K")


def test_what_ends_sooner_says_nothing() -> None:
    out = io.StringIO()
    told = Steps(out, quiet=60)
    told.thread.start()
    told("读取")
    told.close()
    assert out.getvalue() == ""
