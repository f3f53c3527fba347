"""Looks as Dagster runs, the imports that come of them, places that are watched, and the latest file once more."""

import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from config_world import at
from dagster import DagsterInstance, DagsterRunStatus, ExecuteInProcessResult, SensorResult, build_sensor_context
from looking_world import CSV, OTHER, START, Place
from ops_world import Connect, World
from serving_ftp import PASSWORD, ftp_server
from serving_web import WebServer

from pim_pipelines import runs
from pim_pipelines.automation import watching
from pim_pipelines.automation.watching import Watcher
from pim_pipelines.definitions import defs
from pim_pipelines.importing.lifecycle import JobStatus
from pim_pipelines.resources import Catalogue, FileStore, SecretBox
from pim_pipelines.sensors import on_new_file
from pim_pipelines.store import looks, moves, templates
from pim_pipelines.store.looks import Cause, Look


@pytest.fixture
def place(connect: Connect, tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> Place:
    place = Place(connect, tmp_path, database)
    for module in ("ops.look", "ops.fetching", "sensors"):
        monkeypatch.setattr(f"pim_pipelines.{module}.settings", lambda: place.settings)
    return place


@pytest.fixture
def world(place: Place) -> World:
    """What runs work with, over the same database."""
    world = World.__new__(World)
    world.connect, world.tenant_id, world.supplier_id = place.connect, place.tenant_id, place.supplier_id
    world.instance, world.catalogue = DagsterInstance.ephemeral(), Catalogue(url=place.url)
    world.file_store, world.files = FileStore(url=f"file://{place.home}/files"), place.files
    world.resources = {"catalogue": world.catalogue, "file_store": world.file_store}
    world.resources["secret_box"] = SecretBox(fernet_keys=place.keys)
    return world


@pytest.fixture
def web() -> Iterator[WebServer]:
    with WebServer().running() as server:
        yield server


def run(place: Place, world: World, look: Look | None, **own: Any) -> ExecuteInProcessResult:
    """Run `look_for_new_files` as a launcher does, or by hand with its own config."""
    config = runs.of_look(look).run_config if look else {"ops": {"look": {"config": own}}}
    return defs.resolve_job_def("look_for_new_files").execute_in_process(
        instance=world.instance,
        run_config=config,
        tags=runs.of_look(look).tags if look else {},
        resources=world.resources,
        raise_on_error=False,
    )


def logs(world: World, result: ExecuteInProcessResult) -> str:
    """Return everything that Dagster keeps of a run."""
    return "\n".join(str(entry) for entry in world.instance.all_logs(result.run_id)) + str(world.dagster_run(result))


def test_new_file_is_imported_to_the_end_by_runs(place: Place, world: World, web: WebServer) -> None:
    place.watch({"type": "http", "url": web.file("/products.csv", CSV) + "?token=Tresor"})

    result = run(place, world, place.begin())

    [job] = place.jobs()
    assert str(job.uuid) in logs(world, result)
    assert result.dagster_run.tags["pim/config"] == place.config.name
    assert world.run(job.uuid).dagster_run.tags["pim/config_id"] == str(place.config.uuid)
    assert [(each.status, each.products_created) for each in place.jobs()] == [(JobStatus.COMPLETED, 2)]
    assert "Tresor" not in logs(world, result) + place.everything()


def test_look_that_was_launched_twice_is_carried_out_once(place: Place, world: World, web: WebServer) -> None:
    place.watch({"type": "http", "url": web.file("/products.csv", CSV)})
    look = place.begin()

    run(place, world, look)
    web.file("/products.csv", OTHER)
    again = run(place, world, look)

    assert again.success
    assert len(place.jobs()) == 1
    assert "Another run has carried out this look" in logs(world, again)


def test_second_look_at_the_same_place_leaves_it_to_the_first(place: Place, world: World, web: WebServer) -> None:
    place.watch({"type": "http", "url": web.file("/products.csv", CSV)})
    first = place.begin()
    with place.connect() as conn:
        looks.claim(conn, first.uuid, UUID(int=7))
    place.now += timedelta(minutes=5)
    second = place.begin()

    assert run(place, world, second).success

    assert place.jobs() == []
    with place.connect() as conn:
        ended = looks.get(conn, second.uuid)
    assert ended is not None
    assert (ended.state, "still at work" in (ended.result or "")) == ("done", True)


def test_by_hand_with_a_configs_id(place: Place, world: World, web: WebServer) -> None:
    place.watch({"type": "http", "url": web.file("/products.csv", CSV)})

    assert run(place, world, None, config_id=str(place.config.uuid)).success
    assert len(place.jobs()) == 1
    assert "There is no such config" in logs(world, run(place, world, None, config_id=str(UUID(int=1))))


def test_trouble_on_the_network_is_tried_again_and_a_bad_login_is_not(
    place: Place, world: World, web: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    place.watch({"type": "http", "url": web.status("/products.csv", 503, 200, content=CSV)})
    assert run(place, world, place.begin()).success
    assert len(place.jobs()) == 1

    asked = len(web.asked)
    place.now += timedelta(minutes=5)
    web.status("/products.csv", 401)
    result = run(place, world, place.begin())

    assert not result.success
    assert len(web.asked) == asked + 1
    failed = place.jobs()[1]
    assert (failed.status, failed.last_error) == (JobStatus.FAILED, (place.config.last_result or "")[len("Failed: ") :])


def test_failed_look_is_retried_through_its_job_and_enters_the_ledger(
    place: Place, world: World, web: WebServer
) -> None:
    place.watch({"type": "http", "url": web.status("/products.csv", 404)})
    run(place, world, place.begin())
    [job] = place.jobs()
    web.file("/products.csv", CSV)
    with place.connect() as conn:
        assert moves.retry(conn, job.uuid)

    result = world.execute(runs.of_import(world.job(job.uuid)))

    assert result.success
    assert world.job(job.uuid).status is JobStatus.COMPLETED
    place.now += timedelta(minutes=5)
    assert place.look().jobs == []


def test_mapping_that_no_longer_fits_waits_for_a_person(place: Place, world: World, web: WebServer) -> None:
    """Nothing is guessed: the supplier has renamed a column that would be recognised beyond doubt."""
    place.watch({"type": "http", "url": web.file("/products.csv", CSV.replace(b"Titre", b"Title"))})
    run(place, world, place.begin())
    [job] = place.jobs()

    world.run(job.uuid)

    assert world.job(job.uuid).status is JobStatus.AWAITING_MAPPING
    assert world.titles() == []


def test_template_gives_what_the_config_does_not_say(place: Place, world: World, web: WebServer) -> None:
    with place.connect() as conn:
        template = templates.insert(
            conn, place.tenant_id, name="T", supplier_id=None, column_mapping={"EAN": "ean", "Titre": "description"},
            validation_rules={"price": {"min": 0}, "title": {"max_length": 9}}, import_options={"allowed_errors": 3},
        )  # fmt: skip
    place.watch(
        {"type": "http", "url": web.file("/products.csv", CSV)},
        template_id=template.id,
        validation_rules={"price": {"min": 1}},
    )
    run(place, world, place.begin())
    [job] = place.jobs()

    world.run(job.uuid)
    reimport(world, "acme:DEMO")

    for each in place.jobs():
        assert (each.template_uuid, each.import_options) == (template.uuid, {"allowed_errors": 3})
        assert each.validation_rules == {"price": {"min": 1}, "title": {"max_length": 9}}
        assert each.column_mapping == {"EAN": "ean", "Titre": "title"}  # the config's own
    assert len(place.jobs()) == 2


def test_config_without_a_mapping_imports_what_is_recognised(place: Place, world: World, web: WebServer) -> None:
    place.watch({"type": "http", "url": web.file("/products.csv", CSV)}, column_mapping=None)
    run(place, world, place.begin())

    world.run(place.jobs()[0].uuid)

    assert place.jobs()[0].status is JobStatus.COMPLETED


# Places that are watched -------------------------------------------------------------------------------


def watch(place: Place, world: World, now: datetime) -> tuple[list[Any], str]:
    """Let the sensor look once; returns the runs that it asks for, and why it asks for none."""
    context = build_sensor_context(
        instance=world.instance,
        resources={
            "catalogue": world.catalogue,
            "clock": at(now),
            "secret_box": SecretBox(fernet_keys=place.keys),
        },
        sensor_name="on_new_file",
    )
    result = on_new_file(context)
    assert isinstance(result, SensorResult)
    assert (result.cursor or "").startswith(f"{now:%Y-%m-%d %H:%M:%S} UTC: ")
    return list(result.run_requests or []), str(result.skip_reason.skip_message if result.skip_reason else "")


def test_watched_place_starts_a_look_when_a_new_file_is_whole(place: Place, world: World, tmp_path: Path) -> None:
    folder = tmp_path / "served"
    folder.mkdir()
    minute = timedelta(minutes=1)
    with ftp_server(folder) as ftp:
        place.watch(ftp.source(on_new_file=True))
        assert watch(place, world, START)[1] == f"{place.config.name!r} of tenant acme: no file that matches is there"
        assert watch(place, world, START + minute / 2)[1].startswith("1 places are watched; each was looked at")
        (folder / "products.csv").write_bytes(CSV[:20])
        assert "1 still being written (products.csv)" in watch(place, world, START + minute)[1]
        (folder / "products.csv").write_bytes(CSV)
        assert "1 still being written (products.csv)" in watch(place, world, START + 2 * minute)[1]

        [request], _ = watch(place, world, START + 3 * minute)

        assert place.jobs() == []
        assert watch(place, world, START + 4 * minute)[0] == []  # it is being looked at
        with place.connect() as conn:
            [look] = looks.unfinished(conn, START + 5 * minute)
        assert (look.cause, request.tags["pim/look_id"]) == (Cause.NEW_FILE, str(look.uuid))
        assert run(place, world, look).success
        assert place.names() == ["products.csv"]
        assert watch(place, world, datetime.now(UTC) + minute)[1].endswith("1 imported before")
    assert "fT-s3cr3t" not in place.everything()
    assert PASSWORD == "fT-s3cr3t"


def test_no_place_is_watched(place: Place, world: World) -> None:
    assert 'set `"on_new_file": true`' in watch(place, world, START)[1]


def test_server_that_hangs_holds_up_no_other_and_is_not_asked_twice(
    place: Place, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "BUDGET_SECONDS", 3.0)
    folder = tmp_path / "served"
    folder.mkdir()
    watcher = Watcher()
    # It accepts connections (its backlog does) and never says a word.
    with socket.create_server(("127.0.0.1", 0)) as silent, ftp_server(folder) as ftp:
        lazy = {"type": "ftp", "host": "127.0.0.1", "port": silent.getsockname()[1], "on_new_file": True}
        place.watch(lazy, name="lazy")
        place.watch(ftp.source(on_new_file=True), name="quick")

        sights = watcher.watch(place.connect, box(place), place.settings, START)

        said = {sight.config.name: sight.said for sight in sights}
        assert said == {"lazy": "did not answer within 3 s", "quick": "no file that matches is there"}
        later = watcher.watch(place.connect, box(place), place.settings, START + timedelta(minutes=2))
        assert [sight.config.name for sight in later] == ["quick"]
    for each in threading.enumerate():  # a server that goes ends the wait
        if each.name.startswith("watch"):
            each.join(15)


def box(place: Place) -> Callable[[], Any]:
    return lambda: place.box


def test_place_that_fails_says_so_and_makes_no_job(place: Place, world: World, tmp_path: Path) -> None:
    with ftp_server(tmp_path) as ftp:
        place.watch(ftp.source(on_new_file=True) | {"password": "wr0ng-Tresor"})

        requests, reason = watch(place, world, START)

    assert requests == []
    assert "could not be looked at: " in reason
    assert (place.config.last_result or "").startswith("Failed: ")
    assert place.jobs() == []
    assert "Tresor" not in place.everything() + reason


def test_web_address_that_says_no_time_is_compared_now_and_then(place: Place, world: World, web: WebServer) -> None:
    place.watch({"type": "http", "url": web.file("/products.csv", CSV), "on_new_file": True})

    assert len(watch(place, world, START)[0]) == 1
    with place.connect() as conn:
        [look] = looks.unfinished(conn, START)
        looks.finish(conn, look.uuid, None, failed=False, result="")
    assert "now and then" in watch(place, world, START + timedelta(minutes=1))[1]
    assert len(watch(place, world, START + timedelta(minutes=15))[0]) == 1


def test_web_address_that_says_its_time_is_fetched_when_that_changes(
    place: Place, world: World, web: WebServer
) -> None:
    web.knows_head = True
    first, second = "Mon, 16 Mar 2026 01:00:00 GMT", "Mon, 16 Mar 2026 05:00:00 GMT"
    place.watch({"type": "http", "url": web.file("/products.csv", CSV, Last_Modified=first), "on_new_file": True})
    place.look()
    later = place.now + timedelta(hours=1)

    assert watch(place, world, later) == ([], f"{place.config.name!r} of tenant acme: 1 imported before")
    assert len(web.asked) == 1  # not fetched
    web.file("/products.csv", OTHER, Last_Modified=second)
    assert len(watch(place, world, later + timedelta(minutes=1))[0]) == 1
    place.now = later + timedelta(minutes=2)
    place.look(Cause.NEW_FILE)

    assert len(place.jobs()) == 2


# The latest file once more -----------------------------------------------------------------------------


def reimport(world: World, partition: str) -> ExecuteInProcessResult:
    """Run `reimport_latest_file` for a supplier."""
    world.instance.add_dynamic_partitions("suppliers", [partition])
    return defs.resolve_job_def("reimport_latest_file").execute_in_process(
        instance=world.instance,
        partition_key=partition,
        resources={"catalogue": world.catalogue, "file_store": world.file_store},
        raise_on_error=False,
    )


def test_latest_file_is_imported_again_by_the_mapping_that_holds_now(
    place: Place, world: World, web: WebServer
) -> None:
    place.watch({"type": "http", "url": web.file("/products.csv", CSV)})
    for content in (OTHER, CSV):
        web.file("/products.csv", content)
        place.look()
        world.run(place.jobs()[-1].uuid)
    with place.connect() as conn:
        conn.execute("""update import_configs set column_mapping = '{"EAN": "ean", "Titre": "brand_name"}'""")

    result = reimport(world, "acme:DEMO")

    *_, latest, made = place.jobs()
    assert result.success
    assert str(made.uuid) in logs(world, result)
    assert (made.file_sha256, made.import_type, made.batch_id) == (latest.file_sha256, "manual", None)
    assert world.run(made.uuid).success
    assert place.jobs()[-1].products_updated == 2
    assert world.rows("select brand_name from products order by 1") == [("Nutella",), ("Stylo",)]


def test_supplier_whose_file_never_came_is_said_to_have_none(place: Place, world: World) -> None:
    result = reimport(world, "acme:NOBODY")

    assert world.dagster_run(result).status is DagsterRunStatus.FAILURE
    assert "No file of acme:NOBODY" in logs(world, result)
