"""The embedded PostgreSQL: made, found again, stopped, and never left behind."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pim_pipelines import database as db
from pim_pipelines.database import place
from pim_pipelines.database.connections import conninfo, sqlalchemy_url
from pim_pipelines.database.server import EmbeddedServer, is_running
from pim_pipelines.errors import ConfigurationError, DatabaseUnavailable
from pim_pipelines.processes import Lifeline, is_alive

REPOSITORY = Path(__file__).parents[2]
IS_ROOT = os.geteuid() == 0


@pytest.fixture
def home() -> Iterator[Path]:
    """Give a home that everyone can reach into, as a clone outside of a closed folder is."""
    folder = Path(tempfile.mkdtemp(prefix="pim-home-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def lifeline() -> Iterator[Lifeline]:
    made = Lifeline()
    yield made
    made.close()


def run_script(home: Path, text: str) -> subprocess.Popen[str]:
    """Start Python with a script that knows `home`."""
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(text), str(home)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PIM_HOME": str(home)},
    )


def wait_until_gone(pid: int, seconds: float = 15.0) -> bool:
    until = time.monotonic() + seconds
    while is_alive(pid) and time.monotonic() < until:
        time.sleep(0.02)
    return not is_alive(pid)


SERVE_UNTIL_KILLED = """
    import sys, time
    from pathlib import Path
    from pim_pipelines.database.server import EmbeddedServer
    from pim_pipelines.processes import Lifeline
    server = EmbeddedServer(Path(sys.argv[1]), Lifeline(), durable=False)
    server.start()
    print(server.child.pid, flush=True)
    time.sleep(60)
"""


def test_data_is_there_after_a_stop_and_a_start(home: Path, lifeline: Lifeline) -> None:
    server = EmbeddedServer(home, lifeline)
    server.start()
    with psycopg.connect(server.url) as conn:
        conn.execute("create table kept (n int)")
        conn.execute("insert into kept values (42)")
    server.stop()
    assert not is_running(server.place)

    server.start()
    try:
        with psycopg.connect(server.url) as conn:
            assert conn.execute("select n from kept").fetchone() == (42,)
    finally:
        server.stop()


def test_server_listens_on_no_network(home: Path, lifeline: Lifeline) -> None:
    server = EmbeddedServer(home, lifeline, durable=False)
    server.start()
    try:
        with psycopg.connect(server.url) as conn:
            assert conn.execute("show listen_addresses").fetchone() == ("",)
            assert conn.info.server_version >= 180000
    finally:
        server.stop()


def test_stop_ends_sessions_and_is_quick(home: Path, lifeline: Lifeline) -> None:
    server = EmbeddedServer(home, lifeline, durable=False)
    server.start()
    busy = psycopg.connect(server.url)
    busy.execute("select 1")
    pid = server.child.pid if server.child else 0

    began = time.monotonic()
    server.stop()

    assert time.monotonic() - began < 5
    assert not is_alive(pid)
    with pytest.raises(psycopg.OperationalError):
        busy.execute("select 1")
    busy.close()


def test_server_ends_when_its_supervisor_is_killed(home: Path) -> None:
    supervisor = run_script(home, SERVE_UNTIL_KILLED)
    assert supervisor.stdout
    pid = int(supervisor.stdout.readline())

    supervisor.kill()
    supervisor.communicate()

    assert wait_until_gone(pid)


def test_start_takes_over_from_a_killed_server(home: Path, lifeline: Lifeline) -> None:
    first = EmbeddedServer(home, lifeline, durable=False)
    first.start()
    assert first.child
    with psycopg.connect(first.url) as conn:
        conn.execute("create table kept (n int)")

    # As a power cut does: no chance to remove postmaster.pid.
    first.child.request_stop(signal.SIGKILL)
    first.child.wait(5)
    assert (first.place.cluster / "postmaster.pid").exists()
    first.start()

    with psycopg.connect(first.url) as conn:
        assert conn.execute("select count(*) from kept").fetchone() == (0,)
    first.stop()


def test_start_ignores_a_pid_file_whose_pid_is_another_process_now(home: Path, lifeline: Lifeline) -> None:
    server = EmbeddedServer(home, lifeline, durable=False)
    server.start()
    server.stop()
    bystander = subprocess.Popen(
        ["sleep", "60"], user=server.place.owner[0] if server.place.owner else None, extra_groups=None
    )
    try:
        stale = f"{bystander.pid}\n{server.place.cluster}\n0\n5432\n{server.place.sockets}\n\n0 0\nready\n"
        (server.place.cluster / "postmaster.pid").write_text(stale)

        server.start()

        assert bystander.poll() is None
        server.stop()
    finally:
        bystander.kill()
        bystander.wait()


def test_second_process_is_told_who_runs_the_server(home: Path, lifeline: Lifeline) -> None:
    first = run_script(home, SERVE_UNTIL_KILLED)
    assert first.stdout
    first.stdout.readline()
    try:
        with pytest.raises(ConfigurationError, match=f"pid {first.pid}"):
            EmbeddedServer(home, lifeline).start()
    finally:
        first.kill()
        first.communicate()


def test_two_processes_of_one_home_share_a_server_started_at_need(home: Path) -> None:
    script = """
        from pim_pipelines import database
        url = database.database_url()
        with database.connect(url) as conn:
            print(conn.execute("select pg_postmaster_start_time()::text").fetchone()[0], flush=True)
        input()
    """

    def start() -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(script)],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PIM_HOME": str(home)},
        )

    first = start()
    assert first.stdout
    started_at = first.stdout.readline()
    second = start()
    assert second.stdout

    assert second.stdout.readline() == started_at
    second.communicate("\n", timeout=20)
    first.communicate("\n", timeout=20)
    assert first.returncode == 0
    assert not is_running(place.find(home))


def test_half_made_cluster_is_made_again(home: Path, lifeline: Lifeline) -> None:
    left = home / "database.new"
    left.mkdir()
    (left / "PG_VERSION").write_text("18\n")
    server = EmbeddedServer(home, lifeline, durable=False)

    server.start()

    assert is_running(server.place)
    server.stop()


def test_long_home_has_a_short_socket_path(home: Path, lifeline: Lifeline) -> None:
    deep = home / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    server = EmbeddedServer(deep, lifeline, durable=False)

    server.start()

    try:
        assert len(str(server.place.sockets)) < 100
        with db.connect(server.url) as conn:
            assert conn.execute("select 1").fetchone() == (1,)
    finally:
        server.stop()
        if server.place.sockets != server.place.cluster:
            shutil.rmtree(server.place.sockets)


@pytest.mark.skipif(not IS_ROOT, reason="only root has others run the server for it")
def test_root_in_a_closed_folder_puts_the_cluster_elsewhere(
    home: Path, lifeline: Lifeline, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home.chmod(0o700)
    elsewhere = Path(tempfile.mkdtemp(prefix="pim-system-"))
    elsewhere.chmod(0o755)
    monkeypatch.setattr(place, "SYSTEM_FOLDERS", (elsewhere,))
    server = EmbeddedServer(home, lifeline, durable=False)

    server.start()

    try:
        assert server.place.cluster.is_relative_to(elsewhere)
        assert home.stat().st_mode & 0o777 == 0o700
        assert place.find(home).cluster == server.place.cluster  # found again at the next start
        (home / place.NOTE).unlink()  # as in a home that is removed and made anew
        assert place.find(home).cluster != server.place.cluster
    finally:
        server.stop()
        shutil.rmtree(elsewhere)


@pytest.mark.skipif(not IS_ROOT, reason="only root has others run the server for it")
def test_closing_a_home_later_loses_no_data(home: Path, lifeline: Lifeline) -> None:
    server = EmbeddedServer(home, lifeline, durable=False)
    server.start()
    server.stop()
    home.chmod(0o700)

    with pytest.raises(ConfigurationError, match="closed to others"):
        EmbeddedServer(home, lifeline)


@pytest.mark.skipif(not IS_ROOT, reason="only root has others run the server for it")
def test_root_runs_copied_binaries_where_others_cannot_reach_the_clone(
    home: Path, lifeline: Lifeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = Path(tempfile.mkdtemp(prefix="pim-system-"))
    elsewhere.chmod(0o755)
    closed = elsewhere / "closed"
    closed.mkdir(mode=0o700)
    hidden = place.installed().copy_below(closed)
    monkeypatch.setattr(place, "SYSTEM_FOLDERS", (elsewhere,))
    monkeypatch.setattr(place, "installed", lambda: hidden)
    server = EmbeddedServer(home, lifeline, durable=False)

    server.start()

    try:
        assert not server.place.binaries.package.is_relative_to(closed)
        with db.connect(server.url) as conn:
            assert conn.execute("select 1").fetchone() == (1,)
    finally:
        server.stop()
        shutil.rmtree(elsewhere)


@pytest.mark.skipif(not IS_ROOT, reason="another user can only be had by root")
def test_ordinary_user_runs_the_server_as_himself() -> None:
    folder = Path(tempfile.mkdtemp(prefix="pim-user-"))
    try:
        uid, gid = place._owner(folder / "none")
        os.chown(folder, uid, gid)
        environment = {**os.environ, "PYTHONPATH": f"{REPOSITORY}{os.pathsep}{os.pathsep.join(sys.path[1:])}"}
        # The imports and the watchdog come first: the interpreter itself may lie in root's home.
        script = textwrap.dedent("""
            import os, sys, psycopg
            from pathlib import Path
            from pim_pipelines import database
            from pim_pipelines.database.server import EmbeddedServer
            from pim_pipelines.processes import Lifeline
            lifeline = Lifeline()
            os.setgroups([]); os.setgid(int(sys.argv[3])); os.setuid(int(sys.argv[2]))
            server = EmbeddedServer(Path(sys.argv[1]) / "home", lifeline, durable=False)
            server.start()
            print(server.place.owner, server.place.cluster)
            server.stop()
            lifeline.close()
        """)
        done = subprocess.run(
            [sys.executable, "-c", script, str(folder), str(uid), str(gid)],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

        assert done.stdout.split() == ["None", f"{folder}/home/database"], done.stderr
        assert (folder / "home" / "database").stat().st_uid == uid
    finally:
        shutil.rmtree(folder)


def test_search_path_is_the_catalogue(database: str) -> None:
    with db.connect(database) as conn:
        assert conn.execute("show search_path").fetchone() == ("pim",)


def test_options_of_the_given_url_are_kept(database: str) -> None:
    url = f"{database}&options=-c%20statement_timeout%3D1234"
    with psycopg.connect(conninfo(url)) as conn:
        assert conn.execute("show statement_timeout").fetchone() == ("1234ms",)
        assert conn.execute("show search_path").fetchone() == ("pim",)


def test_unreachable_database_is_a_sentence() -> None:
    with pytest.raises(DatabaseUnavailable, match="does not answer"):
        db.connect("postgresql://nobody@/none?host=/nonexistent")


def test_password_of_a_wrong_url_is_not_repeated() -> None:
    with pytest.raises(ConfigurationError) as caught:
        db.connect("postgresql:/user:hunter2@host:not-a-port/x")
    assert "hunter2" not in str(caught.value)


def test_older_server_is_refused(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with db.connect(database) as conn:
        monkeypatch.setattr("pim_pipelines.database.connections.OLDEST_VERSION", 99)
        with pytest.raises(ConfigurationError, match="PostgreSQL 99 or newer"):
            db.check_version(conn)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "postgresql://u:p%40ss@db.example:6432/pim?sslmode=require",
            "postgresql+psycopg2://u:p%40ss@/pim?host=db.example&port=6432&sslmode=require&options=-csearch_path%3Ddagster",
        ),
        (
            "host=/run/pg dbname=pim user=me",
            "postgresql+psycopg2://me@/pim?host=%2Frun%2Fpg&options=-csearch_path%3Ddagster",
        ),
    ],
)
def test_dagster_url_says_driver_and_schema(url: str, expected: str) -> None:
    assert db.dagster_url(url) == expected


def test_pool_gives_connections_again_after_the_server_ended_them(database: str) -> None:
    with db.pool(database, max_size=2) as pool:
        with pool.connection() as conn:
            pid = conn.info.backend_pid
        with db.connect(database, autocommit=True) as other:
            other.execute("select pg_terminate_backend(%s)", [pid])
        with pool.connection() as conn:
            assert conn.execute("select 1").fetchone() == (1,)


def test_sqlalchemy_reaches_the_database(database: str) -> None:
    sqlalchemy = pytest.importorskip("sqlalchemy")
    for driver in ("psycopg", "psycopg2"):
        engine = sqlalchemy.create_engine(sqlalchemy_url(database, driver, "pim"))
        with engine.connect() as conn:
            assert conn.exec_driver_sql("show search_path").scalar() == "pim"
        engine.dispose()
