"""The launcher's parts that need no Dagster instance: folders, locks, the socket, the warm-up's checks."""

import fcntl
import os
import selectors
import sys
import threading
import time
from pathlib import Path

import pytest

from pim_pipelines.errors import ConfigurationError
from pim_pipelines.launcher import locks, warmup, wire
from pim_pipelines.launcher.compute_logs import FileComputeLogManager
from pim_pipelines.launcher.folder import LONGEST_SOCKET_PATH, Folder
from pim_pipelines.launcher.host_socket import HostSocket


def test_socket_is_below_home_where_its_path_is_short_enough(tmp_path: Path) -> None:
    assert Folder(Path("/srv/pim")).socket == Path("/srv/pim/launcher/host.sock")


def test_socket_of_a_deep_home_is_in_a_short_private_folder() -> None:
    deep = Path("/srv") / ("x" * 120)

    socket = Folder(deep).socket

    assert len(os.fsencode(socket)) <= LONGEST_SOCKET_PATH
    assert socket.parent.stat().st_mode & 0o077 == 0
    assert socket == Folder(deep).socket
    socket.parent.rmdir()


def test_short_folder_that_others_may_open_is_refused() -> None:
    deep = Path("/srv") / ("y" * 120)
    folder = Folder(deep).socket.parent
    folder.chmod(0o755)

    with pytest.raises(ConfigurationError, match="private folder"):
        _ = Folder(deep).socket
    folder.rmdir()


@pytest.mark.parametrize("run_id", ["", "../x", "a/b", ".hidden"])
def test_run_id_cannot_lead_out_of_the_folder(tmp_path: Path, run_id: str) -> None:
    with pytest.raises(ValueError, match="not a run id"):
        Folder(tmp_path).run_lock(run_id)


def test_lock_is_held_until_its_descriptor_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    lock = locks.acquire(path)
    assert lock is not None
    locks.sign(lock, 4711)

    assert locks.acquire(path) is None
    assert locks.holder(path) == 4711
    os.close(lock)
    assert locks.holder(path) is None
    assert locks.last_holder(path) == 4711


def test_lock_passes_to_a_forked_child_and_ends_with_it(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    read, write = os.pipe()
    lock = locks.acquire(path)
    assert lock is not None
    pid = os.fork()
    if pid == 0:
        os.close(write)
        os.read(read, 1)  # until the parent closes its end
        os._exit(0)
    locks.sign(lock, pid)
    os.close(lock)
    os.close(read)

    assert locks.holder(path) == pid
    os.close(write)
    os.waitpid(pid, 0)
    assert locks.holder(path) is None


def test_asking_who_holds_a_lock_does_not_keep_others_from_it(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    path.touch()
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            locks.holder(path)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        taken = 0
        for _ in range(20):
            lock = locks.acquire(path)
            taken += lock is not None
            if lock is not None:
                os.close(lock)
    finally:
        over.set()
        for thread in threads:
            thread.join()

    assert taken == 20


def test_lock_on_a_removed_file_is_not_taken_for_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    old = locks.acquire(path)
    assert old is not None
    path.unlink()

    new = locks.acquire(path)

    assert new is not None
    assert locks.holder(path) is not None
    os.close(old)
    os.close(new)


def test_sweep_removes_what_is_old_and_free(tmp_path: Path) -> None:
    for name in ("old", "held", "new"):
        (tmp_path / f"{name}.lock").touch()
    for name in ("old", "held"):
        os.utime(tmp_path / f"{name}.lock", (1, 1))
    with (tmp_path / "held.lock").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)

        removed = locks.sweep(tmp_path, older_than=60)

    assert removed == 1
    assert {path.stem for path in tmp_path.iterdir()} == {"held", "new"}


def test_nobody_at_the_socket_is_no_health(tmp_path: Path) -> None:
    assert wire.health(tmp_path) is None


def test_socket_answers_a_line_with_a_line_and_outlives_nonsense(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.make()
    selector = selectors.DefaultSelector()
    server = HostSocket(folder.socket, selector)
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            for key, _ in selector.select(0.01):
                if request := server.read(key):
                    request.answer({"ok": True, "heard": request.message})

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        assert wire.ask(folder, {"ask": "health"}, timeout=5) == {"ok": True, "heard": {"ask": "health"}}
        with pytest.raises(wire.NoAnswer):
            wire.ask(folder, [1, 2], timeout=5)  # type: ignore[arg-type]
        assert wire.ask(folder, {"x": "y" * 20_000}, timeout=5)["ok"]
    finally:
        over.set()
        thread.join()
        server.close()
        selector.close()
    assert not folder.socket.exists()


def test_socket_is_for_its_owner_only(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.make()
    selector = selectors.DefaultSelector()

    server = HostSocket(folder.socket, selector)

    assert folder.socket.stat().st_mode & 0o077 == 0
    server.close()
    selector.close()


def test_host_refuses_a_process_that_has_loaded_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "polars", sys)

    with pytest.raises(ConfigurationError, match=r"polars.* is imported already"):
        warmup.quieten_libraries()


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="threads are listed on Linux only")
def test_host_refuses_to_fork_beside_a_thread() -> None:
    over = threading.Event()
    thread = threading.Thread(target=over.wait)
    thread.start()
    try:
        with pytest.raises(ConfigurationError, match="threads besides its own"):
            warmup.check_threads()
    finally:
        over.set()
        thread.join()


def test_output_is_captured_from_the_descriptors_and_given_back(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    logs = FileComputeLogManager(base_dir=str(tmp_path))
    key = ["run", "compute_logs", "step"]

    with logs.capture_logs(key):
        os.write(1, b"out\n")
        os.write(2, b"err\n")
    os.write(1, b"after\n")

    data = logs.get_log_data(key)
    assert (data.stdout, data.stderr) == (b"out\n", b"err\n")
    assert logs.is_capture_complete(key)
    assert capfd.readouterr().out == "after\n"
    began = time.perf_counter()
    with logs.capture_logs(["run", "compute_logs", "other"]):
        pass
    assert time.perf_counter() - began < 1
