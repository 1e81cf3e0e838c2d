"""Why the network answers what it answers: its layers, and which part of the picture decided."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.lenet.image_types import GreyImage
from app.lenet.inference.answer import Answer, answer
from app.lenet.inference.input_tensor import to_input
from app.lenet.inference.predictor import Predictor
from app.lenet.inference.preprocessing import PreprocessedDigit
from app.lenet.network.activations import Layer, activations
from app.lenet.network.artifact import Artifact

PATCH = 5
"""Side of the square that is blanked, in pixels of the picture that the network saw: about the width of a stroke."""
STRIDE = 2
"""Pixels from one blanked square to the next."""


@dataclass(frozen=True, slots=True)
class Occlusion:
    """How much the answer's logit falls when a square of the picture is blanked: float32 [rows, columns].

    The square at row r and column c has its middle at pixel (STRIDE * r, STRIDE * c). Positive where the picture spoke
    for the answer, negative where it spoke against it, and 0 where there was nothing to blank.
    """

    change: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Explanation:
    """An answer, the layers of the network behind it, and the occlusion of its picture."""

    answer: Answer
    layers: tuple[Layer, ...]
    occlusion: Occlusion


def explain(predictor: Predictor, artifact: Artifact, digit: PreprocessedDigit) -> Explanation:
    """Return the answer to one preprocessed picture, and what led to it; `artifact` holds the predictor's weights.

    Raises `ValueError` when the network is not one whose layers can be shown.
    """
    layers = activations(artifact, to_input([digit.image], predictor.card.input)[0])
    [found] = answer(predictor, [digit])
    return Explanation(found, layers, occlusion(predictor, digit.image, found.prediction.digit))


def occlusion(predictor: Predictor, picture: GreyImage, digit: int) -> Occlusion:
    """Return what blanking each square of the picture does to the logit of `digit`, in one forward pass.

    Source: Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks" (2014), section 4.2; the square
    gets the picture's median, which is the background's level, and not grey.
    """
    background = np.uint8(np.median(picture))
    change = np.zeros(tuple(len(range(0, side, STRIDE)) for side in picture.shape), np.float32)
    places, blanked = [], [picture]
    for row, column in np.ndindex(change.shape):
        top, left = STRIDE * row - PATCH // 2, STRIDE * column - PATCH // 2
        square = np.s_[max(top, 0) : top + PATCH, max(left, 0) : left + PATCH]
        if (picture[square] != background).any():
            copy = picture.copy()
            copy[square] = background
            places.append((row, column))
            blanked.append(copy)
    logits = predictor.logits(to_input(blanked, predictor.card.input))[:, digit]
    for place, logit in zip(places, logits[1:], strict=True):
        change[place] = logits[0] - logit
    return Occlusion(change)
