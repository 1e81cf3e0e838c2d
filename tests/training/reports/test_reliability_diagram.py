import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from training.reports.reliability_diagram import BINS, reliability_diagram


def bars(axes: Axes) -> dict[int, float]:
    """Heights of the bars by the number of their bin, without empty ones."""
    drawn = [bar for bar in axes.patches if isinstance(bar, Rectangle)]
    return {int((bar.get_x() + bar.get_width() / 2) * BINS): bar.get_height() for bar in drawn if bar.get_height()}


def test_bars_show_the_accuracy_and_the_count_of_each_bin() -> None:
    confidence = np.array([0.95, 0.97, 0.99, 1.0, 0.62, 0.65])
    probabilities = np.stack([confidence, 1 - confidence], axis=1)
    labels = np.array([0, 0, 0, 1, 0, 1])  # three of the four most confident are correct, one of the other two
    above, below = reliability_diagram(probabilities, labels).axes
    assert bars(above) == {9: 0.5, 14: 0.75}
    assert bars(below) == {9: 2, 14: 4}


def test_markers_are_at_the_mean_confidence() -> None:
    probabilities = np.array([[0.61, 0.39], [0.65, 0.35]])
    above, _ = reliability_diagram(probabilities, np.array([0, 0])).axes
    assert np.asarray(above.lines[0].get_xydata()) == pytest.approx(np.array([[0.63, 1]]))
