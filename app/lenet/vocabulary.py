"""The closed vocabularies of answers, settings and parameters; the OpenAPI document lists each from here.

To add a word, add it here: the type checker then knows it everywhere.
"""

from typing import Annotated, Literal, get_args

from pydantic import Field

PreprocessingMode = Annotated[
    Literal["auto", "plain"],
    Field(description="auto: brought to MNIST's form first, whatever it looks like; plain: resized as it is"),
]

RemovedKind = Annotated[
    Literal["specks", "lines", "noise", "stripes", "surroundings", "printed_colour"],
    Field(
        description="specks: small marks; lines: ruled or squared paper; noise: impulse noise; "
        "stripes: bands in which light and dark have changed places; surroundings: what is around a sheet of paper; "
        "printed_colour: the print of a form, told by its colour"
    ),
]

PictureWarning = Annotated[
    Literal["blank", "low_contrast", "several_objects", "touches_border"],
    Field(
        description="blank: there is no ink; low_contrast: the ink is faint; several_objects: more than one digit; "
        "touches_border: part of the digit may be cut off"
    ),
]

UnsureReason = Annotated[
    Literal["low_confidence", "unfamiliar", "blank"],
    Field(
        description="low_confidence: the probability is below the model's threshold; "
        "unfamiliar: not like the digits that the model knows; blank: there is no ink"
    ),
]

UNSURE_REASONS: tuple[str, ...] = get_args(get_args(UnsureReason)[0])

ReadingWarning = Annotated[
    Literal["too_much_ink", "turned"],
    Field(
        description="too_much_ink: there was more ink than is looked at; part is left out; "
        "turned: the page was read on another side than it came, boxes are where they were"
    ),
]

DeviceName = Annotated[Literal["auto", "cuda", "mps", "cpu"], Field(description="auto: cuda, else mps, else cpu")]

EngineName = Annotated[
    Literal["auto", "torch", "onnx"],
    Field(description="auto: ONNX Runtime on the CPU where the artifact has a graph, else torch"),
]
