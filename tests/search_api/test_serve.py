"""The server as a process: one and several workers, death, port in use, clean end."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path

import pytest

from indexer.config import load_options
from indexer.errors import BadConfiguration
from search_api.serve import serve

PROGRAM = """
import sys
from indexer.config import load_options
from search_api.serve import serve
if __name__ == "__main__":
    try:
        serve(load_options(data=sys.argv[1], serve={"port": 0, "workers": int(sys.argv[2])}))
    finally:
        if kernels := sys.modules.get("indexer.engine.whooshdb.kernels"):
            print("compiled here:", sum(sum(kernel.stats.cache_misses.values()) for kernel in kernels.KERNELS))
"""


@pytest.fixture
def start(tmp_path, warmed):
    """Start a server over an empty data folder and return the process with its address once it answers."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    started = []

    def begin(workers, **variables):
        environment = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])} | variables
        command = [sys.executable, str(program), str(tmp_path), str(workers)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
        started.append(process)
        address = re.search(r"http://\S+", process.stdout.readline())[0]
        assert _healthy(address)
        return process, address

    yield begin
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def _healthy(address):
    with urllib.request.urlopen(f"{address}/healthz", timeout=60) as answer:
        return answer.status == 200


def _children(process):
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return [int(pid) for pid in listed if "spawn_main" in Path(f"/proc/{pid}/cmdline").read_text()]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("workers", [1, 2])
def test_signals_end_the_server_cleanly(start, workers, number):
    """Within a few seconds, with exit code 0, no word of complaint, and no worker left behind."""
    process, _ = start(workers)
    children = _children(process) if workers > 1 else []
    process.send_signal(number)
    _, complaints = process.communicate(timeout=60)
    assert (process.returncode, complaints) == (0, "")
    assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]


def test_the_first_start_compiles_in_a_process_that_ends(start, warmed, tmp_path):
    """The compiler's memory is not the server's; the next start has all the code, and this one serves it."""
    place = tmp_path / "kernels" / warmed.name
    shutil.copytree(warmed, place)
    missing = [path for path in place.iterdir() if path.name.startswith(("select-", "complete-"))]
    assert len({path.name.partition("-")[0] for path in missing}) == 2
    for path in missing:
        path.unlink()
    process, _ = start(1, NUMBA_CACHE_DIR=str(place.parent))
    assert {path.name.partition("-")[0] for path in missing if path.exists()} == {"select", "complete"}
    process.terminate()
    said, complaints = process.communicate(timeout=60)
    assert "compiled here: 0" in said
    assert str(place) in complaints


def test_a_worker_that_dies_is_replaced(start):
    """Requests go on being answered, and soon there are as many workers as before."""
    process, address = start(2)
    first, second = _children(process)
    os.kill(first, signal.SIGKILL)
    assert _healthy(address)
    deadline = time.monotonic() + 60
    while len(now := _children(process)) < 2 or first in now:
        assert time.monotonic() < deadline, "the worker was not replaced"
        time.sleep(0.1)
    assert second in now


def test_workers_end_with_their_parent(start):
    """Nothing is left to hold the port when the parent is killed."""
    process, address = start(2)
    process.kill()
    process.wait()
    deadline = time.monotonic() + 60
    while True:
        try:
            _healthy(address)
        except (urllib.error.URLError, OSError):
            break
        assert time.monotonic() < deadline, "a worker goes on without its parent"
        time.sleep(0.2)


def _connect(address):
    host, port = address.removeprefix("http://").rsplit(":", 1)
    return socket.create_connection((host, int(port)), timeout=60)


@pytest.mark.parametrize(
    ("framing", "sent"),
    [("Content-Length: 300000000", b""), ("Transfer-Encoding: chunked", b"1000\r\n" + b"x" * 0x1000 + b"\r\n")],
)
def test_a_large_body_is_refused_early(start, framing, sent):
    """By its stated length before any of it is sent, else after 64 KiB; the server goes on."""
    _, address = start(1)
    with _connect(address) as connection:
        connection.sendall(f"POST /api/v1/search HTTP/1.1\r\nHost: x\r\n{framing}\r\n\r\n".encode() + sent * 16)
        assert connection.recv(12) == b"HTTP/1.1 413"
    assert _healthy(address)


def test_idle_connections_keep_nobody_out(start):
    """With 300 connections that say nothing, and their file numbers, others are answered at once."""
    _, address = start(1)
    with ExitStack() as stack:
        for _ in range(300):
            stack.enter_context(_connect(address))
        assert _healthy(address)


def test_a_port_in_use_is_told(start, tmp_path):
    """One sentence that names the port and what to do."""
    _, address = start(1)
    port = int(address.rsplit(":", 1)[1])
    with pytest.raises(BadConfiguration, match=rf"Cổng {port} .*--port"):
        serve(load_options(data=tmp_path, serve={"port": port}))


def test_a_host_that_is_none_is_told(tmp_path):
    """One sentence that names the setting."""
    with pytest.raises(BadConfiguration, match=r"serve\.host"):
        serve(load_options(data=tmp_path, serve={"host": "256.0.0.1", "port": 0}))
