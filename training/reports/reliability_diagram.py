"""The reliability diagram: accuracy as a function of confidence."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from app.lenet.network.card import ReliabilityBin
from training.evaluation.scores import RELIABILITY_BINS


def reliability_diagram(bins: Sequence[ReliabilityBin]) -> Figure:
    """Return a diagram of accuracy against confidence in equal bins, with the number of predictions in each."""
    accuracy = [one.accuracy for one in bins]
    confidence = np.array([one.confidence for one in bins])
    middles = (np.minimum(np.floor(confidence * RELIABILITY_BINS), RELIABILITY_BINS - 1) + 0.5) / RELIABILITY_BINS
    width = 0.9 / RELIABILITY_BINS

    figure = Figure(figsize=(5.2, 6), layout="constrained")
    above: Axes
    below: Axes
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    above.bar(middles, accuracy, width=width, color="tab:blue", alpha=0.6, label="accuracy")
    above.plot(confidence, accuracy, "o", color="tab:blue")
    above.plot([0, 1], [0, 1], "--", color="grey", label="perfectly calibrated")
    above.set(ylabel="accuracy", xlim=(0, 1), ylim=(0, 1))
    above.legend(loc="lower right")
    below.bar(middles, [one.count for one in bins], width=width, color="grey")
    below.set(xlabel="confidence", ylabel="predictions", yscale="log")
    return figure
