"""The query parameters of the POST routes; an unknown one is refused."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from app.lenet.vocabulary import PreprocessingMode


class _Parameters(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    preprocessing: PreprocessingMode = "auto"

    # The enumeration makes the docs page show a choice.
    include: Literal["image"] | SkipJsonSchema[None] = Field(
        None,
        description="image: add the picture that the network saw (/read: the ink with boxes drawn), as a data URL",
        json_schema_extra={"enum": ["image"]},
    )

    @property
    def with_image(self) -> bool:
        """Whether to add the picture."""
        return self.include == "image"


class PredictParameters(_Parameters):
    """How to preprocess the picture, and what to add to the answer."""


class ReadParameters(_Parameters):
    """How to preprocess the picture, what to look for, and what to add to the answer."""

    # Limits inside the union: outside it they are missing from the OpenAPI document.
    length: Annotated[int, Field(ge=1, le=64)] | SkipJsonSchema[None] = Field(
        None, description="Look for lines of so many digits, and answer no others"
    )
