"""A conditional random field over the lattices of lines: the weights that make the right paths likely.

Source: LeCun et al., "Gradient-based learning applied to document recognition" (1998), section VI; Lafferty, McCallum &
Pereira, "Conditional random fields" (2001). The paths that read each digit from its own ink are the right ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from app.lenet.reading.features import DIGIT_FEATURES, REJECT_FEATURES
from app.lenet.reading.lattice import LONGEST_RUN
from training.fitting.line_cases import Case

EMPTY = 0.1
"""Weight of a line without digits: most are remains of forms, of which made pages have more than real ones."""

HOPELESS = 0.02
"""Probability of the right paths below which a line hardly counts: its ink was lost."""

_MINUS = -1e4


@dataclass(frozen=True, slots=True)
class Weights:
    """What the field is fitted to find: the log-probability's weight, and those of the features by name."""

    probability: float
    digit: dict[str, float]
    reject: dict[str, float]


@dataclass(frozen=True, slots=True)
class _Batch:
    """Lattices padded to the same size: runs by their end node and length, and the right ones by position."""

    logs: Tensor  # [lines, nodes, lengths, 10], log-probabilities
    digit: Tensor  # [lines, nodes, lengths, features]
    exists: Tensor  # [lines, nodes, lengths]
    reject: Tensor  # [lines, nodes, features]
    pieces: Tensor  # [lines]
    right: Tensor  # [lines, nodes, lengths, positions], bool
    truth: Tensor  # [lines, positions], labels
    digits: Tensor  # [lines]


def _batch(cases: Sequence[Case], temperature: float) -> _Batch:
    lines, nodes = len(cases), max(len(case.lattice.pieces) for case in cases)
    most = max(1, *(len(case.labels) for case in cases))
    logs = torch.zeros(lines, nodes, LONGEST_RUN, 10)
    digit = torch.zeros(lines, nodes, LONGEST_RUN, len(DIGIT_FEATURES))
    exists = torch.zeros(lines, nodes, LONGEST_RUN, dtype=torch.bool)
    reject = torch.zeros(lines, nodes, len(REJECT_FEATURES))
    right = torch.zeros(lines, nodes, LONGEST_RUN, most, dtype=torch.bool)
    truth = torch.zeros(lines, most, dtype=torch.int64)
    for number, case in enumerate(cases):
        lattice = case.lattice
        reject[number, : len(lattice.pieces)] = torch.from_numpy(lattice.reject).float()
        truth[number, : len(case.labels)] = torch.tensor(case.labels)
        if not lattice.runs:
            continue
        end = [run.end - 1 for run in lattice.runs]
        length = [run.end - run.start - 1 for run in lattice.runs]
        logs[number, end, length] = torch.from_numpy(lattice.logits / temperature).float().log_softmax(1)
        digit[number, end, length] = torch.from_numpy(lattice.digit).float()
        exists[number, end, length] = True
        for run, position in enumerate(case.positions.tolist()):
            if position >= 0:
                right[number, end[run], length[run], position] = True
    pieces = torch.tensor([len(case.lattice.pieces) for case in cases])
    digits = torch.tensor([len(case.labels) for case in cases])
    return _Batch(logs, digit, exists, reject, pieces, right, truth, digits)


def fit_weights(cases: Sequence[Case], temperature: float, prior: Weights, pull: float) -> tuple[Weights, float]:
    """Return the weights that make the right paths most likely, held near `prior`, and the mean loss.

    `pull` weighs the squared distance from the prior.
    """
    batch = _batch(cases, temperature)
    start = torch.tensor(
        [prior.probability, *(prior.digit[n] for n in DIGIT_FEATURES), *(prior.reject[n] for n in REJECT_FEATURES)]
    )
    weights = start.clone().requires_grad_()
    optimiser = torch.optim.LBFGS([weights], max_iter=80, history_size=20, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimiser.zero_grad()
        value = _loss(batch, weights) + pull * ((weights - start) ** 2).sum()
        torch.autograd.backward(value)
        return value

    optimiser.step(loss)
    with torch.no_grad():
        final = float(_loss(batch, weights))
    values = weights.detach().tolist()
    middle = 1 + len(DIGIT_FEATURES)
    weights_found = Weights(
        probability=values[0],
        digit=dict(zip(DIGIT_FEATURES, values[1:middle], strict=True)),
        reject=dict(zip(REJECT_FEATURES, values[middle:], strict=True)),
    )
    return weights_found, final


def _loss(batch: _Batch, weights: Tensor) -> Tensor:
    """Return the mean loss of a line: minus the log-probability of its right paths, bounded for hopeless lines."""
    middle = 1 + len(DIGIT_FEATURES)
    scores = weights[0] * batch.logs + (batch.digit @ weights[1:middle])[..., None]
    rejects = batch.reject @ weights[middle:]
    losses = _all_paths(batch, scores, rejects) - _right_paths(batch, scores, rejects)
    bounded = -torch.log((-losses).exp() + HOPELESS)
    weights_of_lines = torch.where(batch.digits > 0, 1.0, EMPTY)
    return (bounded * weights_of_lines).sum() / weights_of_lines.sum()


def _all_paths(batch: _Batch, scores: Tensor, rejects: Tensor) -> Tensor:
    runs = torch.where(batch.exists, scores.logsumexp(3), _MINUS)
    forward = [torch.zeros(len(batch.pieces))]
    for node in range(rejects.shape[1]):
        ways = [forward[node] + rejects[:, node]]
        ways += [forward[node - k] + runs[:, node, k] for k in range(min(LONGEST_RUN, node + 1))]
        forward.append(torch.stack(ways).logsumexp(0))
    return torch.stack(forward, 1).gather(1, batch.pieces[:, None])[:, 0]


def _right_paths(batch: _Batch, scores: Tensor, rejects: Tensor) -> Tensor:
    lines, most = batch.truth.shape
    truth = batch.truth[:, None, None, :].expand(lines, scores.shape[1], LONGEST_RUN, most)
    runs = torch.where(batch.right, scores.gather(3, truth), _MINUS)
    first = torch.full((lines, most + 1), _MINUS)
    first[:, 0] = 0
    forward = [first]
    for node in range(rejects.shape[1]):
        ways = [forward[node] + rejects[:, node, None]]
        for k in range(min(LONGEST_RUN, node + 1)):
            moved = forward[node - k][:, :-1] + runs[:, node, k]
            ways.append(torch.cat([torch.full((lines, 1), _MINUS), moved], 1))
        forward.append(torch.stack(ways).logsumexp(0))
    at_end = torch.stack(forward, 1)[torch.arange(lines), batch.pieces]
    return at_end.gather(1, batch.digits[:, None])[:, 0]
