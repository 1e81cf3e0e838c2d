import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from app.lenet.canonical.components import connected_components, pixels_of

MASKS = arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40)), elements=st.sampled_from([0, 255]))


@given(MASKS)
def test_they_are_those_of_opencvs_default_algorithm(mask: NDArray[np.uint8]) -> None:
    labels, stats = connected_components(mask)
    _, wanted_labels, wanted_stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    assert np.array_equal(labels, wanted_labels)
    assert np.array_equal(stats, wanted_stats)


@given(st.sampled_from([2, 256, 257, 1000]), st.integers(0, 99))
def test_the_pixels_of_chosen_components_are_found_however_many_there_are(components: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    labels, chosen = random.integers(components, size=(50, 40), dtype=np.int32), random.random(components) < 0.5
    assert np.array_equal(pixels_of(chosen, labels) == 255, np.isin(labels, np.flatnonzero(chosen)))
    assert set(np.unique(pixels_of(chosen, labels))) <= {0, 255}
