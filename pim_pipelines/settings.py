"""Every setting of the system: the PIM_* environment variables, read once."""

from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from pim_pipelines.errors import ConfigurationError

MIB, GIB = 1024**2, 1024**3


class Settings(BaseSettings):
    """What `docs/settings.md` lists; sizes are bytes, paths are absolute after reading."""

    model_config = SettingsConfigDict(env_prefix="PIM_", extra="ignore")

    home: Path = Field(default=Path(".pim"), description="database, files, logs, DAGSTER_HOME")
    database_url: str | None = Field(default=None, description="libpq URL; embedded when unset")
    dagster_database_url: str | None = Field(
        default=None, description="SQLAlchemy URL of Dagster's storage; set by `pim up` for its processes"
    )
    files_url: str | None = Field(default=None, description="fsspec URL; below home when unset")
    secret_key: str | None = Field(default=None, description="Fernet keys, comma-separated, newest first")
    max_file_bytes: int = Field(default=2 * GIB, gt=0)
    max_import_file_bytes: int = Field(
        default=10 * MIB, gt=0, description="of the Voog API's import_files, which clients send to be imported"
    )
    egress_allow: str = ""
    key_dir: Path | None = None
    rate_limits: str = "reads=1000,writes=100,uploads=30,polling=600"
    api_url: str = "http://127.0.0.1:8000"
    api_key: str | None = None
    dagster_url: str = Field(default="http://127.0.0.1:3000", description="where the API finds the Dagster webserver")
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @property
    def files_location(self) -> str:
        """The fsspec URL of the file store."""
        return self.files_url or f"file://{self.home}/files"

    @property
    def keys_directory(self) -> Path:
        """The only folder that private keys of sources are read from."""
        return self.key_dir or self.home / "keys"


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Return the settings of this process, read at the first call; raises ConfigurationError."""
    try:
        return Settings()
    except ValidationError as error:
        # The names only: one of the values may be a secret.
        wrong = "; ".join(f"PIM_{str(each['loc'][0]).upper()}: {each['msg']}" for each in error.errors())
        raise ConfigurationError(f"A setting is wrong. {wrong}.") from None
