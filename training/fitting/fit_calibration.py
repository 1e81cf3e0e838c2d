"""Calibration of finished weights: the temperature and the thresholds, from held-out digits, newly distorted."""

from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from app.lenet.inference.calibration import energy
from app.lenet.inference.input_tensor import standardise
from app.lenet.network.card import Calibration
from app.lenet.network.input_spec import InputSpec
from training.data.mnist import Digits
from training.synthesis.augmentation import Distortion, distort

CHOSEN_ON = "held-out training digits, distorted"

_PASSES = 3
_SEED = 123
_ERROR_OF_SURE = 0.005  # half of the limit, because real pictures are harder than distorted digits
_LOWEST_ENERGY = 0.1  # share of the correctly classified digits below the energy threshold
_BATCH = 1000


def fit_calibration(module: nn.Module, held: Digits, spec: InputSpec, distortion: Distortion) -> Calibration:
    """Return the calibration of `module`, from digits that it was not fitted on, each distorted three times."""
    logits = distorted_logits(module, held, spec, distortion)
    labels = held.labels.repeat(_PASSES)
    temperature = fit_temperature(logits, labels)
    confidence, answers = (logits / temperature).softmax(1).max(1)
    energies, right = torch.from_numpy(energy(logits.numpy())), answers == labels
    least_energy = float(energies[right].quantile(_LOWEST_ENERGY))
    kept = energies >= least_energy
    order = confidence[kept].argsort(descending=True)
    wrong = (~right[kept][order]).double().cumsum(0) / torch.arange(1, len(order) + 1)
    last = int((wrong <= _ERROR_OF_SURE).nonzero().max())
    return Calibration(
        temperature=temperature,
        least_confidence=float(confidence[kept][order][last]),
        least_energy=least_energy,
        chosen_on=CHOSEN_ON,
        error_of_sure=float(wrong[last]),
        share_sure=(last + 1) / len(labels),
    )


@torch.no_grad()
def distorted_logits(module: nn.Module, held: Digits, spec: InputSpec, distortion: Distortion) -> Tensor:
    """Return float64 logits (3 N, classes) of the digits, all of them distorted, always in the same way."""
    generator = torch.Generator().manual_seed(_SEED)
    device = next(module.parameters()).device
    pictures = torch.from_numpy(held.images).unsqueeze(1).repeat(_PASSES, 1, 1, 1)
    no_plain = replace(distortion, plain=0.0)
    batches = (distort(batch.float().div_(255), no_plain, generator) for batch in pictures.split(_BATCH))
    return torch.cat([module(standardise(batch, spec).to(device)).cpu().double() for batch in batches])


def fit_temperature(logits: Tensor, labels: Tensor) -> float:
    """Return the temperature that minimises the negative log-likelihood of logits (N, classes) for labels (N,).

    Source: Guo et al., "On Calibration of Modern Neural Networks" (2017); the likelihood is convex in the inverse.
    """
    inverse = torch.ones((), dtype=logits.dtype, requires_grad=True)
    optimiser = torch.optim.LBFGS([inverse], lr=0.5, max_iter=100, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimiser.zero_grad()
        loss = cross_entropy(logits * inverse, labels)
        loss.backward()
        return loss

    optimiser.step(closure)
    return 1 / inverse.item()
