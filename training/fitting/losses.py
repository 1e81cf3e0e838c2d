"""Losses for batches of digits and out-of-distribution pictures."""

from collections.abc import Callable

from torch import Tensor
from torch.nn.functional import cross_entropy

from training.fitting.mixed_batches import OUT_OF_DISTRIBUTION

Loss = Callable[[Tensor, Tensor, Tensor], Tensor]
"""From a batch's inputs, logits (N, classes) and labels (N,) to its loss."""


def classification_loss(exposure: float = 0.0, smoothing: float = 0.0) -> Loss:
    """Return the cross-entropy on digits plus `exposure` times the loss on out-of-distribution pictures.

    That loss is the cross-entropy to equal probabilities (Hendrycks, Mazeika & Dietterich, "Deep Anomaly Detection with
    Outlier Exposure", 2019). `smoothing` is the share of a digit's label that is spread over all classes.
    """

    def loss(_: Tensor, logits: Tensor, labels: Tensor) -> Tensor:
        digits = cross_entropy(logits, labels, ignore_index=OUT_OF_DISTRIBUTION, label_smoothing=smoothing)
        return digits - exposure * uniformity(logits[labels == OUT_OF_DISTRIBUTION]) if exposure else digits

    return loss


def uniformity(logits: Tensor) -> Tensor:
    """Return the mean log-probability over all classes, which is highest when they are equally likely."""
    return logits.log_softmax(1).mean()
