"""A real standalone Spark cluster on loopback: a master and one worker, whose cores are shared out to the executors."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CORES = 2


def _port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def standalone(folder: Path, cores: int = CORES, memory: str = "3g") -> Iterator[str]:
    """The master's URL; both processes are ended by their ids. Raises RuntimeError when the worker does not register."""
    import pyspark

    home, port = Path(pyspark.__file__).parent, _port()
    environment = {**os.environ, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable,
                   "SPARK_NO_DAEMONIZE": "1"}  # fmt: skip
    run, deploy = str(home / "bin" / "spark-class"), "org.apache.spark.deploy"
    url, log = f"spark://127.0.0.1:{port}", folder / "cluster.log"
    commands = (
        [run, f"{deploy}.master.Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", str(_port())],
        [run, f"{deploy}.worker.Worker", "--host", "127.0.0.1", "-c", str(cores), "-m", memory, "-d", str(folder / "work"),
         "--webui-port", str(_port()), url],
    )  # fmt: skip
    running = []
    try:
        with log.open("wb") as sink:
            for command, done in zip(commands, ("I have been elected leader", "Successfully registered"), strict=True):
                running.append(subprocess.Popen(command, env=environment, stdout=sink, stderr=subprocess.STDOUT))
                _await(log, done)
        yield url
    finally:
        for one in reversed(running):
            one.terminate()
            one.wait(30)


def _await(log: Path, text: str, seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while text not in log.read_text(encoding="utf-8", errors="replace"):
        if time.monotonic() > until:
            raise RuntimeError(f"the cluster does not say “{text}”: {log}")
        time.sleep(0.2)
