"""Dagster's storage in the database that this process works with."""

from collections.abc import Mapping
from typing import Any, Self

from dagster import Field, StringSource

from pim_pipelines.database.location import dagster_database_url
from pim_pipelines.launcher.dagster_private import ConfigurableClassData, DagsterPostgresStorage, RunStorage


class PimDagsterStorage(DagsterPostgresStorage):
    """DagsterPostgresStorage that needs no URL in `dagster.yaml`.

    `postgres_url` where it is given; else PIM_DAGSTER_DATABASE_URL, which `pim up` sets; else the
    database of a running system of PIM_HOME, or an embedded one that ends with this process, so that
    `dagster dev` and `dg list defs` work in a plain clone.
    """

    def __init__(self, postgres_url: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(postgres_url=postgres_url, should_autocreate_tables=True, inst_data=inst_data)
        self._run_storage = RunStorage(postgres_url, should_autocreate_tables=False)

    @classmethod
    def config_type(cls) -> dict[str, Field]:
        """Return the fields of `config:` in `dagster.yaml`."""
        return {"postgres_url": Field(StringSource, is_required=False)}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]) -> Self:
        """Make the storage that `dagster.yaml` describes."""
        return cls(postgres_url=config_value.get("postgres_url") or dagster_database_url(), inst_data=inst_data)
