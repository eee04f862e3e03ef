"""The supervisor's hand on the database: starts it, starts it again, waits out a full disk, follows a successor."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import psycopg

from yigongti.runtime import succession
from yigongti.runtime.instance import Instance
from yigongti.runtime.postgres import PostgresError, Server

FULL = "No space left on device"
LONGEST_WAIT = 20.0


class Keeper:
    """Keeps an instance's own server running, or the platform on the server that took over from it."""

    def __init__(self, instance: Instance, *, say: Callable[[str], None], moved: Callable[[], None]) -> None:
        """``moved`` is called when the database is at another address: whoever is connected must connect anew."""
        self.instance, self.say, self.moved = instance, say, moved
        self.server: Server | None = None
        self.following: Path | None = None
        self.failures, self.next_try = 0, 0.0

    def start(self) -> None:
        """Start the server, or go to the one that took over. Raises PostgresError with what to do."""
        successor = succession.successor(self.instance)
        if successor is not None:
            if not self._go_to(successor):
                raise PostgresError(
                    f"数据库已由 {successor} 接替，但那里没有应答。请先执行 yigongti standby serve {successor}，"
                    f"或改用 yigongti --data {successor} serve。"
                )
            self.say(f"✓ 数据库已由 {successor} 接替，改连那里")
            return
        self.server = Server(self.instance)
        if not self.server.ready():
            self.say("… 建立数据库")
        self.server.start()

    def stop(self) -> None:
        """Stop our own server."""
        if self.server is not None:
            self.server.stop()

    def ended(self) -> bool:
        """Has our own server ended by itself?"""
        return self.server is not None and (self.server.child is None or self.server.child.poll() is not None)

    def tend(self, now: float) -> None:
        """Look once: hand over when another is to take over, else bring back a server that ended."""
        successor = succession.successor(self.instance)
        if successor is not None:
            self._hand_over(successor)
        elif self.server is None:  # the other did not take over after all
            self.following = None
            self.server = Server(self.instance)
            self._again(now, "! 切换没有完成，恢复使用本地数据库")
        elif self.ended():
            self._again(now, "! 数据库进程意外结束，正在重新启动")

    def _again(self, now: float, words: str) -> None:
        if now < self.next_try:
            return
        assert self.server is not None
        if not self.failures:
            self.say(words)
        before = succession.address(self.instance.home)
        try:
            self.server.start()
        except PostgresError as error:
            self.failures += 1
            wait = min(LONGEST_WAIT, 2.0**self.failures)
            self.next_try = now + wait
            if self.failures == 1:
                self.say(_remedy(self.instance, str(error)))
            return
        if self.failures:
            self.say("✓ 数据库已恢复，已确认的写入都在")
        self.failures, self.next_try = 0, 0.0
        after = succession.address(self.instance.home)
        if before is not None and after is not None and before["port"] != after["port"]:
            self.moved()

    def _hand_over(self, successor: Path) -> None:
        if self.server is not None:
            self.say(f"! 数据库由 {successor} 接替，停止本地数据库")
            self.server.stop()  # in good order: what was written reaches the standby before we end
            self.server = None
        there = succession.replica(successor)
        if self.following != successor and there is not None and there.leads and self._go_to(successor):
            self.say(f"✓ 已改连 {successor}")
            self.moved()

    def _go_to(self, successor: Path) -> bool:
        """Point this instance at its successor's server; False when that does not answer."""
        where = succession.address(successor)
        if where is None:
            return False
        own = self.instance.run_dir / "postgres.json"
        kept = own.read_text() if own.exists() else None
        own.parent.mkdir(parents=True, exist_ok=True)
        own.write_text(json.dumps(where))
        try:
            psycopg.connect(self.instance.dsn(admin=True, database="postgres")).close()
        except psycopg.OperationalError:
            if kept is not None:
                own.write_text(kept)
            return False
        self.following = successor
        return True


def _remedy(instance: Instance, error: str) -> str:
    if FULL in error:
        return (
            f"✗ 磁盘已满，数据库停下了：{instance.cluster_link.resolve()} 所在磁盘没有剩余空间。已确认的写入都在，没有丢失；"
            "新的写入暂时不能保存。请清理该磁盘（旧的备份、日志），平台会自动恢复。"
        )
    return f"✗ 数据库没有启动，稍后自动再试：{error}"
