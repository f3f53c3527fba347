"""What the ops work with."""

from uuid import uuid4

import pytest
from cryptography.fernet import Fernet
from dagster import EnvVar
from pydantic import ValidationError

from pim_pipelines.errors import ConfigurationError
from pim_pipelines.resources import Catalogue, FileStore, ImportJob, SecretBox, resources

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def test_secrets_come_back_as_they_were_and_do_not_show_in_between() -> None:
    box = SecretBox(fernet_keys=NEW)

    sealed = box.seal({"password": "hunter2"})

    assert b"hunter2" not in sealed
    assert box.open(sealed) == {"password": "hunter2"}


def test_keys_rotate_newest_first() -> None:
    sealed = SecretBox(fernet_keys=OLD).seal({"password": "hunter2"})

    assert SecretBox(fernet_keys=f"{NEW}, {OLD}").open(sealed) == {"password": "hunter2"}


def test_lost_key_is_named_and_no_secret_with_it() -> None:
    sealed = SecretBox(fernet_keys=OLD).seal({"password": "hunter2"})

    with pytest.raises(ConfigurationError, match="PIM_SECRET_KEY"):
        SecretBox(fernet_keys=NEW).open(sealed)


@pytest.mark.parametrize("bad", ["", "not a key", "short=="])
def test_bad_keys_are_refused(bad: str) -> None:
    with pytest.raises(ConfigurationError, match="PIM_SECRET_KEY"):
        SecretBox(fernet_keys=bad).seal({})


def test_import_is_named_by_a_uuid() -> None:
    uuid = uuid4()

    assert ImportJob(import_id=str(uuid)).uuid == uuid
    with pytest.raises(ValidationError):
        ImportJob(import_id="42")


def test_file_store_is_where_its_url_says(tmp_path: object) -> None:
    store = FileStore(url=f"file://{tmp_path}").open()

    with store.open_write("a/b") as file:
        file.write(b"x")

    assert store.size("a/b") == 1


def test_passwords_are_given_to_dagster_as_names_of_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    from pim_pipelines.settings import Settings

    url = "postgresql://u:hunter2@db/pim"
    monkeypatch.setattr("pim_pipelines.resources.settings", lambda: Settings(database_url=url, secret_key="hunter2"))

    shown = {name: repr(resource) for name, resource in resources().items()}

    assert "hunter2" not in str(shown)
    assert shown["catalogue"] == repr(Catalogue(url=EnvVar("PIM_DATABASE_URL")))
