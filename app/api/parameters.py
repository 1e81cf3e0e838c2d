"""The query parameters of the POST routes; an unknown one is refused."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from app.lenet.vocabulary import PreprocessingMode


class ReadParameters(BaseModel):
    """How to preprocess the picture."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    preprocessing: PreprocessingMode = "auto"


class PredictParameters(ReadParameters):
    """How to preprocess the picture, and what to add to the answer."""

    include: Literal["image"] | SkipJsonSchema[None] = Field(
        None,
        description="image: add the picture that the network saw, as a data URL",
        json_schema_extra={"enum": ["image"]},  # the docs page then shows a choice
    )

    @property
    def with_image(self) -> bool:
        """Whether to add the picture that the network saw."""
        return self.include == "image"
