"""What the ops work with: the catalogue's database, the file store, the box of secrets, and which import it is."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from dagster import ConfigurableResource, EnvVar
from pydantic import Field, field_validator

from pim_pipelines import database, files, secret_box
from pim_pipelines.settings import settings


class Catalogue(ConfigurableResource[Any]):
    """The product catalogue: a PostgreSQL database, schema `pim`."""

    url: str = Field(default="", description="libpq URL; empty: the embedded database of PIM_HOME")

    def connect(self) -> database.Connection:
        """Open a connection, search_path `pim`; raises DatabaseUnavailable."""
        return database.connect(self.url or database.database_url())


class FileStore(ConfigurableResource[Any]):
    """Where uploaded files are, and what the imports make of them."""

    url: str = Field(default="", description="fsspec URL (file://…, s3://…); empty: the folder `files` of PIM_HOME")

    def open(self) -> files.FileStore:
        """Return the store."""
        return files.FileStore(self.url or settings().files_location)


class SecretBox(ConfigurableResource[Any]):
    """Credentials of sources and webhooks, encrypted as they stand in the database."""

    fernet_keys: str = Field(default="", description="Fernet keys, comma-separated; the first encrypts, all decrypt")

    def box(self) -> secret_box.SecretBox:
        """Return the box; raises ConfigurationError where the keys are none."""
        return secret_box.SecretBox(self.fernet_keys)

    def seal(self, secrets: dict[str, Any]) -> bytes:
        """Encrypt values for storage."""
        return self.box().seal(secrets)

    def open(self, sealed: bytes) -> dict[str, Any]:
        """Decrypt what `seal` gave; raises ConfigurationError when none of the keys fits."""
        return self.box().open(sealed)


class Clock(ConfigurableResource[Any]):
    """What time it is for schedules and sensors."""

    def now(self) -> datetime:
        """Return the moment, in UTC."""
        return datetime.now(UTC)


class ImportJob(ConfigurableResource[Any]):
    """Which import a run is for: the one thing to configure, whichever ops are selected."""

    import_id: str = Field(description="the import job's id (a UUID), as the API shows it")
    attempt: int = Field(default=1, ge=1, description="the job's attempt; a run of an earlier one does nothing")

    @field_validator("import_id")
    @classmethod
    def _uuid(cls, value: str) -> str:
        return str(UUID(value))

    @property
    def uuid(self) -> UUID:
        """The id as the store takes it."""
        return UUID(self.import_id)


def resources() -> dict[str, Any]:
    """Return the resources of this process by the names that ops ask for.

    What the environment sets is given as EnvVar: Dagster's UI then shows the variable's name, not a password.
    """
    set_ones = settings()
    return {
        "catalogue": Catalogue(url=EnvVar("PIM_DATABASE_URL")) if set_ones.database_url else Catalogue(),
        "file_store": FileStore(url=EnvVar("PIM_FILES_URL")) if set_ones.files_url else FileStore(),
        "secret_box": SecretBox(fernet_keys=EnvVar("PIM_SECRET_KEY")) if set_ones.secret_key else SecretBox(),
        "clock": Clock(),
        "import_job": ImportJob.configure_at_launch(),
    }
