"""A task as the second API shows it."""

from typing import Any

from pydantic import BaseModel, Field

from api.voog.times import Milliseconds
from pim_pipelines.importing.voog.attributes import SUPPORTED_ATTRIBUTES
from pim_pipelines.importing.voog.states import VoogStatus
from pim_pipelines.store.voog_tasks import Task


class DetectedColumn(BaseModel):
    """The first rows of a column."""

    column: str = Field(examples=["Price"])
    values: list[Any] = Field(
        description="Of the first four rows. A workbook's numbers are numbers; a cell that is not there is null.",
        examples=[[10.0, 11.0, 11.0, 12.0]],
    )


class FailureDetails(BaseModel):
    """What went wrong, or went wrong first."""

    key: str | None = Field(description="Which error it is.", examples=["value_invalid"])
    message: str = Field(examples=["Status is neither Draft nor Live: 'sold'."])
    line: int | None = Field(description="The data row; null where the whole file is meant.", examples=[3])


class TaskShown(BaseModel):
    """An import task, its members in the order of Voog's page."""

    id: int = Field(description="Counted by tenant.", examples=[1])
    status: VoogStatus = Field(examples=["created"])
    started_at: Milliseconds | None = Field(description="When its rows began to be imported.")
    completed_at: Milliseconds | None = Field(description="When it was finished, failed or cancelled.")
    total_items: int | None = Field(description="Rows of the file; null until it is read.", examples=[5])
    processed_items: int = Field(description="Rows tried so far, bad ones too.", examples=[0])
    failed_items: int = Field(description="Rows that could not be imported.", examples=[0])
    imported_products: int | None = Field(
        description="Products imported, one with its variants once; null before the end.", examples=[1]
    )
    file_url: str = Field(
        description="Where the file came from, without its query, user and password, which may be secret.",
        examples=["https://example.com/products-import.xlsx"],
    )
    language: str = Field(description="Of the file's texts.", examples=["en"])
    overwrite_existing: bool = Field(examples=[False])
    match_key: str = Field(examples=["id"])
    detected_data: list[DetectedColumn] | None = Field(description="Null until the file is read.")
    mapping: dict[str, str | None] | None = Field(
        description="The attribute of each column by its index; null: the column is ignored.",
        examples=[{"0": "id", "1": None}],
    )
    failure_reason: str | None = Field(
        description="Also where only some rows failed. Null with `failed`: not the file is at fault, try again.",
        examples=["value_invalid"],
    )
    failure_reason_details: FailureDetails | None
    created_at: Milliseconds
    updated_at: Milliseconds
    supported_attributes: dict[str, Any] = Field(description="What columns can be mapped to.")

    @classmethod
    def of(cls, task: Task) -> "TaskShown":
        """Show a task; its mapping has every column of the file."""
        mapping = task.mapping
        if mapping is not None and task.detected_data is not None:
            columns = (str(index) for index in range(len(task.detected_data)))
            mapping = {index: mapping.get(index) for index in columns} | mapping
        given = {name: getattr(task, name) for name in cls.model_fields if name not in {"mapping", _SUPPORTED}}
        return cls.model_validate({**given, "mapping": mapping, _SUPPORTED: SUPPORTED_ATTRIBUTES})


_SUPPORTED = "supported_attributes"
