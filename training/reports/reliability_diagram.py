"""The reliability diagram: accuracy as a function of confidence."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

BINS = 15  # as for the calibration error


def reliability_diagram(probabilities: NDArray[np.float64], labels: NDArray[np.int64]) -> Figure:
    """Return a diagram of accuracy against confidence in equal bins, with the number of predictions in each.

    `probabilities` is (N, classes) and `labels` (N,). Source: Niculescu-Mizil & Caruana, "Predicting Good Probabilities
    With Supervised Learning" (2005).
    """
    confidence, correct = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    which = np.clip(np.ceil(confidence * BINS).astype(int) - 1, 0, BINS - 1)
    counts = np.bincount(which, minlength=BINS)
    filled = counts > 0
    accuracy = np.bincount(which, weights=correct, minlength=BINS)[filled] / counts[filled]
    mean_confidence = np.bincount(which, weights=confidence, minlength=BINS)[filled] / counts[filled]

    figure = Figure(figsize=(5.2, 6), layout="constrained")
    above: Axes
    below: Axes
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    middles = (np.arange(BINS) + 0.5) / BINS
    above.bar(middles[filled], accuracy, width=0.9 / BINS, color="tab:blue", alpha=0.6, label="accuracy")
    above.plot(mean_confidence, accuracy, "o", color="tab:blue")
    above.plot([0, 1], [0, 1], "--", color="grey", label="perfectly calibrated")
    above.set(ylabel="accuracy", xlim=(0, 1), ylim=(0, 1))
    above.legend(loc="lower right")
    below.bar(middles, counts, width=0.9 / BINS, color="grey")
    below.set(xlabel="confidence", ylabel="predictions", yscale="log")
    return figure
