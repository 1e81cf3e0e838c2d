import numpy as np
import pytest

from app.lenet.inference.explanation import occlusion
from app.lenet.inference.input_tensor import to_input
from app.lenet.inference.predictor import Predictor
from tests.mnist_sample import MnistSample


def test_blanking_ink_counts_and_blanking_background_does_not(robust: Predictor, sample: MnistSample) -> None:
    for picture, label in zip(sample.images[:20], sample.labels[:20], strict=True):
        change = occlusion(robust, picture, int(label)).change
        assert change.shape == (14, 14)
        near_ink = np.zeros((14, 14), bool)
        for y, x in np.argwhere(picture):
            near_ink[max(y - 1, 0) // 2 : y // 2 + 2, max(x - 1, 0) // 2 : x // 2 + 2] = True
        assert not change[~near_ink].any()
        assert change.max() > 1  # some of the ink decided


def test_a_blank_picture_has_nothing_to_blank(robust: Predictor) -> None:
    assert not occlusion(robust, np.zeros((28, 28), np.uint8), 0).change.any()


def test_the_change_is_that_of_the_logit(robust: Predictor, sample: MnistSample) -> None:
    picture, digit = sample.images[3], int(sample.labels[3])
    row, column = np.argwhere(picture == picture.max())[0] // 2
    blanked = picture.copy()
    blanked[2 * row - 2 : 2 * row + 3, 2 * column - 2 : 2 * column + 3] = 0
    before, after = robust.logits(to_input([picture, blanked]))[:, digit]
    assert occlusion(robust, picture, digit).change[row, column] == pytest.approx(before - after, abs=1e-4)
