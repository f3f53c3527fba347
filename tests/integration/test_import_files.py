"""The rows of import files and the sweep of those that have expired."""

from pathlib import Path
from typing import Any

import psycopg
import pytest
from ops_world import Connect

from api.voog.file_addresses import public_url, stored_file, upload_url
from pim_pipelines.errors import InvalidField
from pim_pipelines.files import FileStore
from pim_pipelines.resources import Catalogue
from pim_pipelines.sensors import sweep_import_files
from pim_pipelines.store import import_files, keys
from pim_pipelines.store.import_files import LIFE, ImportFile

BASE = "http://pim.example:8000"


@pytest.fixture
def conn(connect: Connect) -> psycopg.Connection[Any]:
    return connect()


@pytest.fixture
def tenant(conn: psycopg.Connection[Any]) -> int:
    return keys.create(conn, "acme")[0].tenant_id


def made(conn: psycopg.Connection[Any], tenant: int, *, confirmed: bool = True) -> ImportFile:
    """Make a file; a confirmed one has bytes, as far as its row knows."""
    file = import_files.insert(conn, tenant, filename="Preise é/1.xlsx", content_type="text/csv", size=3)
    assert import_files.received(conn, file.id, file_key=f"{file.folder}/a", sha256=b"x") == (True, None)
    found = import_files.confirm(conn, file.id, tenant) if confirmed else import_files.get(conn, file.id)
    assert found is not None
    return found


def expire(conn: psycopg.Connection[Any], file: ImportFile) -> None:
    conn.execute("update import_files set expires_at = now() where id = %s", (file.id,))


def test_a_confirmed_file_takes_no_other_bytes(conn: psycopg.Connection[Any], tenant: int) -> None:
    file = made(conn, tenant, confirmed=False)

    assert import_files.received(conn, file.id, file_key="b", sha256=b"y") == (True, f"{file.folder}/a")
    assert import_files.confirm(conn, file.id, tenant)
    assert import_files.received(conn, file.id, file_key="c", sha256=b"z") == (False, None)

    found = import_files.get(conn, file.id, tenant)
    assert found is not None and (found.status, found.file_key) == ("success", "b")
    assert found.expires_at - found.created_at == LIFE


def test_a_public_address_means_its_file_by_whatever_name_of_the_host(
    conn: psycopg.Connection[Any], tenant: int
) -> None:
    file = made(conn, tenant)

    for base in (BASE, "https://other.example", "http://127.0.0.1:1"):
        assert stored_file(conn, tenant, f" {public_url(base, file)} ", BASE) == file
    assert stored_file(conn, tenant, public_url(BASE, file).rpartition("/")[0], BASE) == file


def test_of_our_own_addresses_only_a_ready_files_public_one_is_taken(
    conn: psycopg.Connection[Any], tenant: int
) -> None:
    ready, pending, old = made(conn, tenant), made(conn, tenant, confirmed=False), made(conn, tenant)
    others = made(conn, keys.create(conn, "other")[0].tenant_id)
    expire(conn, old)
    right = public_url(BASE, ready)
    wrong = [public_url(BASE, each) for each in (pending, old, others)]
    wrong += [upload_url(BASE, ready), right.replace(f"/{ready.id}/", f"/{old.id}/"), f"{BASE}/admin/import_files/x"]
    wrong += [f"{BASE}/admin/import_files/{'9' * 19}/{'0' * 64}/x.csv"]

    for url in wrong:
        with pytest.raises(InvalidField):
            stored_file(conn, tenant, url, BASE)
    for url in ("https://example.com/x.xlsx", "http://[", "", public_url("http://elsewhere.example", pending)):
        assert stored_file(conn, tenant, url, BASE) is None


def test_what_has_expired_is_swept_with_its_bytes_unless_it_is_being_used(
    connect: Connect, database: str, conn: psycopg.Connection[Any], tenant: int, tmp_path: Path
) -> None:
    files = FileStore(f"file://{tmp_path}")
    live, old, used = made(conn, tenant), made(conn, tenant), made(conn, tenant)
    for file in (live, old, used):
        with files.open_write(f"{file.folder}/a") as sink:
            sink.write(b"abc")
    for file in (old, used):
        expire(conn, file)
    conn.commit()
    holder = connect()
    holder.execute("select from import_files where id = %s for share", (used.id,))

    sweep_import_files(Catalogue(url=database), files)

    assert import_files.get(conn, old.id) is None
    assert [files.exists(f"{file.folder}/a") for file in (live, old, used)] == [True, False, True]
    assert conn.execute("select array_agg(id order by id) from import_files").fetchone() == ([live.id, used.id],)
