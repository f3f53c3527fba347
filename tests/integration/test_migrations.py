"""The tables against the list of product fields."""

from collections.abc import Callable
from typing import Any

from psycopg import Connection

from pim_pipelines.importing.fields import PRODUCT_FIELDS


def test_every_product_field_has_a_column_of_its_type(connect: Callable[[], Connection[Any]]) -> None:
    with connect() as conn:
        columns = dict(
            conn.execute(
                "select column_name, data_type from information_schema.columns"
                " where table_schema = 'pim' and table_name = 'products'"
            ).fetchall()
        )

    assert {name: columns.get(name) for name in PRODUCT_FIELDS} == {
        name: field.sql_type for name, field in PRODUCT_FIELDS.items()
    }
