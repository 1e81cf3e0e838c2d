import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from app.lenet.network.card import ReliabilityBin
from training.evaluation.scores import RELIABILITY_BINS
from training.reports.reliability_diagram import reliability_diagram

BINS = (
    ReliabilityBin(confidence=0.635, accuracy=0.5, count=2),
    ReliabilityBin(confidence=1.0, accuracy=0.75, count=4),
)


def bars(axes: Axes) -> dict[int, float]:
    """Heights of the bars by the number of their bin."""
    drawn = [bar for bar in axes.patches if isinstance(bar, Rectangle)]
    return {int((bar.get_x() + bar.get_width() / 2) * RELIABILITY_BINS): bar.get_height() for bar in drawn}


def test_bars_show_the_accuracy_and_the_count_of_each_bin() -> None:
    above, below = reliability_diagram(BINS).axes
    assert bars(above) == {9: 0.5, 14: 0.75}
    assert bars(below) == {9: 2, 14: 4}


def test_markers_are_at_the_mean_confidence() -> None:
    above, _ = reliability_diagram(BINS).axes
    assert np.asarray(above.lines[0].get_xydata()) == pytest.approx(np.array([[0.635, 0.5], [1.0, 0.75]]))
