"""What a client sends to make a task."""

from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictStr,
    field_validator,
    model_validator,
)

from pim_pipelines.errors import InvalidField
from pim_pipelines.importing.voog.attributes import MATCH_KEYS, AttributeMapping, check_mapping
from pim_pipelines.importing.voog.languages import read_language
from pim_pipelines.sources.places import Url

WRAPPER = "products_import"


def _flag(value: Any) -> Any:
    return False if value is None else value


Flag = Annotated[StrictBool, BeforeValidator(_flag)]
"""True or false; null is false, as if it were left out."""


class TaskToCreate(BaseModel):
    """A file to be imported; members that are not known are passed over."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    file_url: Url = Field(
        description="Full URL of the file: XLSX, ODS or CSV. An import file's `public_url` is read from storage.",
        examples=["https://example.com/products-import.xlsx"],
    )
    language: StrictStr | None = Field(
        None, description="Of the file's texts (ISO 639-1). Default: the tenant's own.", examples=["en"]
    )
    overwrite_existing: Flag = Field(
        False, description="The first product whose match_key is a row's is changed, instead of a new one being made."
    )
    match_key: StrictStr = Field(
        MATCH_KEYS[0],
        description="`id` or `sku`: what products are known by.",
        json_schema_extra={"enum": [*MATCH_KEYS]},
    )
    validate_mapping: Flag = Field(
        False, description="No task is made where the mapping does not fit the file: 422 says why."
    )
    mapping: dict[str, Any] | None = Field(
        None,
        description="An attribute of `supported_attributes` by column index, from `0`; null: the column is ignored. "
        "Left out, columns are known by their titles.",
        examples=[{"0": "id", "1": "name", "2": None}],
    )

    @model_validator(mode="before")
    @classmethod
    def _unwrapped(cls, body: Any) -> Any:
        """Take `{"products_import": {…}}` too, as some clients send everything."""
        return body[WRAPPER] if isinstance(body, dict) and WRAPPER in body and "file_url" not in body else body

    @field_validator("language")
    @classmethod
    def _is_language(cls, code: str | None) -> str | None:
        return None if code is None else read_language(code)

    @field_validator("match_key", mode="before")
    @classmethod
    def _is_match_key(cls, key: Any) -> Any:
        if key is None:
            return MATCH_KEYS[0]
        if key not in MATCH_KEYS:
            raise ValueError(f"must be {' or '.join(MATCH_KEYS)}.")
        return key

    @field_validator("mapping", mode="before")
    @classmethod
    def _can_fit_a_file(cls, mapping: Any) -> AttributeMapping | None:
        if mapping is None:
            return None
        try:
            return check_mapping(mapping)
        except InvalidField as error:
            raise ValueError("\n".join(message for _, message, _ in error.problems)) from None
