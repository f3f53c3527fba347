"""Events on their way to real receivers: signed, tried again, logged, and never in each other's way.

A database of its own, because the deliverers of the other tests' apps would take what is delivered here.
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from api_client import Client, TestClient, check_problem
from cryptography.fernet import Fernet
from serving_hooks import Receiver, receiving, until

from api.app import create_app
from api.outbox import Deliverer, box_of
from pim_pipelines import database as db
from pim_pipelines.importing.lifecycle import JobStatus
from pim_pipelines.settings import Settings
from pim_pipelines.sources.egress import Egress
from pim_pipelines.store import deliveries, keys, moves, outbox, pending, resolutions
from pim_pipelines.store.outbox import Event
from pim_pipelines.store.writing import Writer

PAUSE = (0.05,) * 5


@dataclass
class World:
    """An API whose deliverers the tests start, and a receiver."""

    settings: Settings
    http: TestClient
    receiver: Receiver

    def client(self) -> Client:
        """Make a client of a new tenant."""
        url = self.settings.database_url or ""
        with db.connect(url) as conn:
            row, key = keys.create(conn, f"acme-{uuid4().hex[:8]}", keys.DEFAULT_SCOPES)
        return Client(self.http, key, row, self.settings, db.connector(url))

    @contextmanager
    def delivering(self, threads: int = 16) -> Iterator[None]:
        """Run a deliverer, as a process of the API does."""
        deliverer = Deliverer(
            db.connector(self.settings.database_url or ""),
            self.http.app.state.services.connection,  # type: ignore[attr-defined]
            egress=Egress(self.settings.egress_allow),
            box=box_of(self.settings.secret_key),
            backoff=PAUSE,
            threads=threads,
        )
        deliverer.start()
        yield
        deliverer.stop()


@pytest.fixture(scope="module")
def world(cluster: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world with no deliverer yet."""
    with psycopg.connect(cluster.replace("@/pim?", "@/postgres?"), autocommit=True) as connection:
        connection.execute("create database deliveries template migrated strategy file_copy")
    with receiving() as receiver:
        settings = Settings(
            home=tmp_path_factory.mktemp("home"),
            database_url=cluster.replace("@/pim?", "@/deliveries?"),
            dagster_url="http://127.0.0.1:9",
            rate_limits="off",
            secret_key=Fernet.generate_key().decode(),
            egress_allow=receiver.host,
        )
        app = create_app(settings)
        app.state.services.pool.open()
        yield World(settings, TestClient(app, raise_server_exceptions=False), receiver)
        receiver.let_go.set()
        app.state.services.pool.close()
        app.state.services.runs.close()


@pytest.fixture
def client(world: World) -> Client:
    """A client of a new tenant."""
    return world.client()


@pytest.fixture
def path() -> str:
    """A path of the receiver that no other test has."""
    return f"/{uuid4().hex}"


def hook(client: Client, url: str, *events: str, **fields: Any) -> str:
    """Make a webhook; returns its path in the API."""
    answer = client.post(
        "/webhooks",
        json={"name": "Hook", "url": url, "events": list(events) or ["test"], "timeout_seconds": 1, **fields},
    )
    assert answer.status_code == 201, answer.text
    return f"/webhooks/{answer.json()['id']}"


def log_of(client: Client, webhook: str, query: str = "") -> list[dict[str, Any]]:
    """Return the delivery log, most recent first."""
    items: list[dict[str, Any]] = client.get(f"{webhook}/deliveries{query}").json()["items"]
    return items


def ended(client: Client, webhook: str) -> dict[str, Any]:
    """Wait until the latest delivery has ended, and return it."""
    until(lambda: log_of(client, webhook)[0]["status"] != "pending")
    return log_of(client, webhook)[0]


@pytest.mark.covers("POST /webhooks/{webhook_id}/test", "webhook_id", "response.*")
@pytest.mark.parametrize("key", ["wörd", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"])
def test_a_delivery_is_signed_as_both_schemes_say(world: World, client: Client, path: str, key: str) -> None:
    webhook = hook(client, world.receiver.url(path), secret=key, headers={"Authorization": "Bearer t"})

    with world.delivering():
        sent = client.post(f"{webhook}/test")
        assert sent.status_code == 200
        assert sent.json()["status"] == "pending"
        received = world.receiver.wait(path)[0]
        done = ended(client, webhook)

    body = json.loads(received.body)
    assert body.keys() == {"id", "event", "timestamp", "data"}
    assert (body["id"], body["event"]) == (sent.json()["event_id"], "test")
    assert body["timestamp"] == sent.json()["created_at"]
    headers = {name.lower(): value for name, value in received.headers.items()}
    assert headers["x-pm-signature"] == "sha256=" + hmac.new(key.encode(), received.body, hashlib.sha256).hexdigest()
    standard = base64.b64decode(key[6:]) if key.startswith("whsec_") else key.encode()
    signed = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), received.body])
    expected = base64.b64encode(hmac.new(standard, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["webhook-id"] == body["id"]
    assert abs(int(headers["webhook-timestamp"]) - received.at) < 60
    assert (headers["content-type"], headers["authorization"]) == ("application/json", "Bearer t")
    assert (done["status"], done["attempts"], done["response_status"], done["error"]) == ("delivered", 1, 200, None)
    assert done["response_body"].startswith("status 200")
    assert done["delivered_at"] and done["last_try_at"] and done["next_try_at"] is None


@pytest.mark.covers(
    "GET /webhooks/{webhook_id}/deliveries", "webhook_id", "status", "event", "page", "page default 1", "per_page",
    "per_page default 20", "per_page max 100", "status enum", "event enum", "response.*",
)  # fmt: skip
def test_what_fails_is_tried_again_and_given_up_after_max_retries(world: World, client: Client, path: str) -> None:
    world.receiver.answers[path] = [500, 429, 204]
    world.receiver.answers[f"{path}x"] = [503]
    webhook = hook(client, world.receiver.url(path), max_retries=2)
    unlucky = hook(client, world.receiver.url(f"{path}x"), max_retries=1)

    with world.delivering():
        client.post(f"{webhook}/test")
        client.post(f"{unlucky}/test")
        good, bad = ended(client, webhook), ended(client, unlucky)

    assert (good["status"], good["attempts"], good["response_status"]) == ("delivered", 3, 204)
    assert len({received.headers["webhook-id"] for received in world.receiver.of(path)}) == 1
    assert (bad["status"], bad["attempts"], bad["error"]) == ("failed", 2, "The receiver answered 503.")
    assert len(bad["response_body"]) == 1000
    assert client.get(webhook).json()["failing_since"] is None
    assert client.get(unlucky).json()["failing_since"]
    assert log_of(client, unlucky, "?status=failed&event=test&page=1&per_page=5") == [bad]
    assert log_of(client, unlucky, "?status=delivered") == log_of(client, unlucky, "?event=import.failed") == []
    assert client.get(f"{unlucky}/deliveries").json()["meta"]["per_page"] == 20
    for wrong in ("status=open", "event=open", "per_page=101"):
        check_problem(client.get(f"{unlucky}/deliveries?{wrong}"), 422, "VALIDATION_ERROR")


def test_receivers_that_hang_hold_nobody_up(world: World, client: Client, path: str) -> None:
    slow = [
        hook(client, world.receiver.url(f"/{kind}{path}"), max_retries=0, timeout_seconds=4)
        for kind in ("hang", "drip")
    ]
    quick = hook(client, world.receiver.url(path), timeout_seconds=60)

    with world.delivering(threads=3):
        for webhook in slow:
            client.post(f"{webhook}/test")
        world.receiver.wait(f"/hang{path}")
        start = time.monotonic()
        for _ in range(3):
            client.post(f"{quick}/test")
        world.receiver.wait(path, 3)
        took = time.monotonic() - start
        hung = [ended(client, webhook) for webhook in slow]

    assert took < 3.5  # the others have four seconds to answer in
    for delivery in hung:
        assert delivery["status"] == "failed"
        assert "did not answer within 4 s" in delivery["error"]
        assert delivery["response_status"] is None
        assert 3900 < delivery["duration_ms"] < 9000


def test_redirects_are_not_followed_nor_private_addresses_reached(world: World, client: Client, path: str) -> None:
    world.receiver.answers[path] = [302]
    redirected = hook(client, world.receiver.url(path), max_retries=0)
    private = hook(client, "https://hooks.example.com/")
    port = world.receiver.host.partition(":")[2]
    with client.connect() as conn:  # a name that has come to mean something else
        conn.execute(
            "update webhooks set url = %s where uuid = %s", (f"http://127.0.0.2:{port}{path}", private.split("/")[2])
        )

    with world.delivering():
        client.post(f"{redirected}/test")
        client.post(f"{private}/test")
        assert "redirects" in ended(client, redirected)["error"]
        refused = ended(client, private)

    assert (refused["status"], refused["attempts"]) == ("failed", 1)
    assert "public" in refused["error"]
    assert world.receiver.of("/elsewhere") == []
    assert len(world.receiver.of(path)) == 1


def test_a_receiver_that_is_gone_switches_its_webhook_off(world: World, client: Client, path: str) -> None:
    world.receiver.answers[path] = [410]
    webhook = hook(client, world.receiver.url(path))
    for _ in range(3):
        client.post(f"{webhook}/test")

    with world.delivering():
        until(lambda: all(each["status"] == "failed" for each in log_of(client, webhook)))

    assert client.get(webhook).json()["is_active"] is False
    assert len(world.receiver.of(path)) == 1


def test_switching_a_webhook_off_gives_up_what_waits(world: World, client: Client, path: str) -> None:
    webhook = hook(client, world.receiver.url(path))
    client.post(f"{webhook}/test")

    client.ask("PATCH", webhook, json={"is_active": False})

    assert log_of(client, webhook)[0]["error"] == "The webhook was switched off."


@pytest.mark.covers(
    "POST /webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver", "webhook_id", "delivery_id", "response.*"
)
def test_an_event_is_delivered_again_with_its_id(world: World, client: Client, path: str) -> None:
    webhook = hook(client, world.receiver.url(path), is_active=False)

    with world.delivering():
        first = client.post(f"{webhook}/test").json()
        ended(client, webhook)
        again = client.post(f"{webhook}/deliveries/{first['id']}/redeliver")
        assert again.status_code == 200
        received = world.receiver.wait(path, 2)

    assert (again.json()["redelivery_of"], again.json()["event_id"]) == (first["id"], first["event_id"])
    assert again.json()["id"] != first["id"]
    assert received[0].body == received[1].body
    check_problem(client.post(f"{webhook}/deliveries/{uuid4()}/redeliver"), 404, "NOT_FOUND")
    check_problem(world.client().post(f"{webhook}/deliveries/{first['id']}/redeliver"), 404, "NOT_FOUND")


def test_two_deliverers_share_and_one_webhook_gets_its_events_in_order(world: World, client: Client, path: str) -> None:
    webhooks = [hook(client, world.receiver.url(f"{path}{n}"), timeout_seconds=30) for n in range(3)]
    sent = {webhook: [client.post(f"{webhook}/test").json()["event_id"] for _ in range(15)] for webhook in webhooks}

    with world.delivering(threads=2), world.delivering(threads=2):
        for n, webhook in enumerate(webhooks):
            received = world.receiver.wait(f"{path}{n}", 15, seconds=20)
            assert [json.loads(each.body)["id"] for each in received] == sent[webhook]


def test_what_a_killed_deliverer_had_taken_is_delivered_by_the_next(world: World, client: Client, path: str) -> None:
    webhook = hook(client, world.receiver.url(path))
    client.post(f"{webhook}/test")
    with client.connect() as conn:
        taken = deliveries.take_webhook(conn, failing_too=True)
        conn.commit()
        assert taken is not None
        assert deliveries.next_parcel(conn, taken) is not None
        conn.commit()
        assert deliveries.take_webhook(conn, failing_too=True) is None  # nobody else's, for a while
        conn.execute("update webhooks set busy_until = now() - interval '1 ms' where id = %s", (taken,))

    with world.delivering():
        assert ended(client, webhook)["status"] == "delivered"


def test_the_life_of_an_import_is_told_in_the_transaction_that_moves_it(
    world: World, client: Client, path: str
) -> None:
    names = [event for event in Event if event.startswith("import.")]
    webhook = hook(client, world.receiver.url(path), *names)
    waiting = client.make_job(JobStatus.ANALYZING, supplier="ACME", run_id=uuid4())
    started = client.make_job(JobStatus.READY)
    cancelled = client.make_job(JobStatus.PROCESSING, started_at="2026-03-15T09:00:00Z", run_id=uuid4())
    with client.connect() as conn:
        moves.move(conn, waiting.uuid, JobStatus.AWAITING_MAPPING)
        moves.start(conn, started.uuid)
        moves.unstart(conn, started.uuid)  # Dagster was away: nobody is told
        moves.start(conn, started.uuid)
        run = uuid4()
        moves.launched(conn, started.uuid, 1, run)
        moves.claim(conn, started.uuid, 1, run, JobStatus.PROCESSING)
        conn.execute(
            """update import_jobs set products_created = 1, failed_rows = 1,
                 started_at = now() - interval '90 s' where uuid = %s""",
            (started.uuid,),
        )
        moves.move(conn, started.uuid, JobStatus.COMPLETED, run_id=run)
        moves.move(conn, waiting.uuid, JobStatus.FAILED, frm=[JobStatus.AWAITING_MAPPING], last_error="x")
        conn.commit()
        assert moves.cancel(conn, cancelled.uuid)
        conn.rollback()  # never committed, so never told

    with world.delivering():
        until(lambda: len(log_of(client, webhook)) == 4 and log_of(client, webhook)[0]["status"] == "delivered")
    told = [json.loads(each.body) for each in world.receiver.of(path)]

    assert [(each["event"], each["data"]["job_id"]) for each in told] == [
        ("import.awaiting_mapping", str(waiting.uuid)),
        ("import.started", str(started.uuid)),
        ("import.completed", str(started.uuid)),
        ("import.failed", str(waiting.uuid)),
    ]
    assert told[0]["data"] | {"supplier_id": None} == {
        "job_id": str(waiting.uuid),
        "supplier_id": None,
        "supplier_code": "ACME",
        "supplier_name": None,
        "import_type": "manual",
        "status": "awaiting_mapping",
        "duration_seconds": None,
        "stats": {"total_rows": None, "created": 0, "updated": 0, "errors": 0},
    }
    assert UUID(told[0]["data"]["supplier_id"])
    assert told[2]["data"]["duration_seconds"] == pytest.approx(90, abs=1)
    assert told[2]["data"]["stats"] == {"total_rows": 2, "created": 1, "updated": 0, "errors": 1}


def test_suppliers_products_and_eans_are_told_of_in_batches(world: World, client: Client, path: str) -> None:
    hook(
        client, world.receiver.url(path), "supplier.created", "supplier.updated", "product.updated", "product.deleted",
        "ean.resolved", timeout_seconds=30,
    )  # fmt: skip
    supplier = client.post("/suppliers", json={"code": "A"})
    assert supplier.status_code in {201, 403}
    with client.connect() as conn:
        ids = [
            row[0]
            for row in conn.execute(
                """insert into products (tenant_id, title, price, created_import_id)
                   select %s, 'P' || n, 1.50, null from generate_series(1, 501) n returning id""",
                (client.tenant_id,),
            )
        ]
        outbox.put_products(conn, client.tenant_id, Event.PRODUCT_UPDATED, ids)
        outbox.put_products(conn, client.tenant_id, Event.PRODUCT_DELETED, ids[:2])
        writer = Writer(client.tenant_id, 0, 1, 1)
        pending.queue(conn, writer, b"4006381333931,0,4006381333931,Pen\n")
        row = conn.execute("select uuid from pending_eans where tenant_id = %s", (client.tenant_id,)).fetchone()
        assert row is not None
        found = resolutions.by_uuid(conn, client.tenant_id, row[0])
        assert found is not None
        assert resolutions.link(conn, client.tenant_id, found, ids[0])

    with world.delivering():
        world.receiver.wait(path, 6)
    told = [json.loads(each.body) for each in world.receiver.of(path)]

    assert [each["event"] for each in told] == [
        "supplier.created", "product.updated", "product.updated", "product.deleted", "product.updated", "ean.resolved",
    ]  # fmt: skip
    assert told[0]["data"]["code"] == "A"
    assert [len(each["data"]["products"]) for each in told[1:4]] == [500, 1, 2]
    shown = client.get(f"/products/{told[1]['data']['products'][0]['id']}").json()
    assert told[1]["data"]["products"][0] == shown
    assert told[3]["data"]["products"][0].keys() == {"id"}
    resolved = told[5]["data"]["resolved"][0]
    assert (resolved["ean"], resolved["product_id"]) == ("4006381333931", shown["id"])


def test_nothing_is_written_that_nobody_wants(world: World, client: Client) -> None:
    hook(client, world.receiver.url("/"), "import.failed")
    hook(client, world.receiver.url("/"), *Event, is_active=False)
    with client.connect() as conn:
        outbox.put(conn, client.tenant_id, Event.SUPPLIER_CREATED, {})
        moves.cancel(conn, client.make_job().uuid)
        assert conn.execute("select count(*) from outbox where tenant_id = %s", (client.tenant_id,)).fetchone() == (0,)


def test_old_deliveries_are_pruned_with_their_events(world: World, client: Client) -> None:
    webhook = hook(client, world.receiver.url("/"))
    old, new = (client.post(f"{webhook}/test").json() for _ in range(2))
    with client.connect() as conn:
        for table in ("webhook_deliveries", "outbox"):
            conn.execute(
                f"update {table} set created_at = now() - interval '31 d' where uuid = any(%s)",
                ([old["id"], old["event_id"]],),
            )
        conn.execute("update webhook_deliveries set state = 'failed' where uuid = any(%s)", ([old["id"], new["id"]],))
        assert deliveries.prune(conn) == 1
        assert conn.execute("select 1 from outbox where uuid = %s", (old["event_id"],)).fetchone() is None
    assert [each["id"] for each in log_of(client, webhook)] == [new["id"]]
