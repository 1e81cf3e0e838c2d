"""The page that `python -m training compare` writes: a table, and what follows from its figures, in words."""

import math
import textwrap
from fractions import Fraction
from pathlib import Path

from app.lenet.network import artifact
from app.lenet.network.architectures import ARCHITECTURES
from training.evaluation.profiling import PASSES, Measured

FOLDER, PAGE = "compare", "README.md"

LEARNED = 0.95
"""Accuracy from which MNIST counts as learned: guessing gives 0.11, and every working fit more than this."""

SIGNIFICANT = 0.05
"""Probability below which a difference is not put down to chance."""

# At 63 pixels one value is left of each of AlexNet's 256 channels, and its pool gives the next layer 36 copies of it.
_COPIES, _CHANNELS, _HIDDEN = 36, 256, 4096
_REDUNDANT = (_COPIES - 1) * _CHANNELS * _HIDDEN

# LeNet-5's last layer has 84 inputs and a bias; ImageNet's challenge has a thousand classes.
_THOUSAND_CLASSES = (1000 - 10) * (84 + 1)


def write_comparison(lenet: Measured, alexnet: Measured, *, folder: Path) -> Path:
    """Write the page into `folder`; return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / PAGE
    page.write_text(as_page(lenet, alexnet))
    return page


def table(lenet: Measured, alexnet: Measured) -> str:
    """Return the figures of both, and how many times LeNet-5's AlexNet's are, as a Markdown table."""
    rows = [
        _row("parameters", lenet.card.parameters, alexnet.card.parameters, ",d"),
        _row("weights, MB", lenet.megabytes, alexnet.megabytes, ".2f"),
        _row("MFLOPs per picture", lenet.mflops, alexnet.mflops, ".2f"),
        _row("seconds per epoch", lenet.epoch_seconds, alexnet.epoch_seconds, ".1f"),
        _row("milliseconds per picture", lenet.milliseconds, alexnet.milliseconds, ".2f"),
        f"| accuracy | {lenet.card.scores.accuracy:.2%} | {alexnet.card.scores.accuracy:.2%} | |",
        f"| macro-F1 | {lenet.card.scores.macro_f1:.4f} | {alexnet.card.scores.macro_f1:.4f} | |",
    ]
    return "\n".join([f"| | {_title(lenet)} | {_title(alexnet)} | times |", "|---|---|---|---|", *rows])


def chance(one: int, other: int) -> float:
    """Return how probable so uneven a split is when a coin decides each of the `one + other` digits.

    The digits are those that one of two networks alone answers rightly. Source: McNemar, "Note on the sampling error
    of the difference between correlated proportions or percentages" (1947), in its exact, two-sided form.
    """
    tosses = one + other
    tail = sum(math.comb(tosses, heads) for heads in range(min(one, other) + 1))
    return min(1.0, float(Fraction(2 * tail, 2**tosses)))


def as_page(lenet: Measured, alexnet: Measured) -> str:
    """Return the page's Markdown; every sentence that depends on the outcome is made from the figures."""
    card = alexnet.card
    rate, momentum, batch, epochs = (
        _setting(lenet, alexnet, name) for name in ("learning_rate", "momentum", "batch_size", "epochs")
    )
    paragraphs = [
        "# LeNet-5 and AlexNet on MNIST",
        f"""The notebook says that AlexNet could learn MNIST too, but would waste its capacity and gain nothing over
        LeNet-5. `python -m training compare` puts that to the test. Both are fitted by the same loop (SGD; learning
        rate {rate}, momentum {momentum}, digits in a batch {batch}, epochs {epochs}; seed {card.seed}, {card.device},
        torch {card.versions["torch"]}) and scored by the same code. AlexNet is torchvision's with one input channel and
        ten classes, and sees digits at {card.input.size} pixels a side, the least it takes; LeNet-5 sees them at
        {lenet.card.input.size}.""",
        table(lenet, alexnet),
        f"""A multiplication and an addition count as two FLOPs. Seconds are the medians over the epochs of the fits,
        evaluation left out. Milliseconds are the medians of {PASSES} forward passes of one picture on one thread of the
        CPU. Accuracy and macro-F1 are on {card.scores.evaluated_on}; the epochs were selected on:
        {card.selected_on}.""",
        "## What was found",
        f"{_learned(alexnet)} {_gained(lenet, alexnet)} {_cost(lenet, alexnet)} {_verdict(lenet, alexnet)}",
        "## The notebook's three questions",
        f"**What is the difference between the two?** {_difference(lenet, alexnet)}",
        f"**Could either do the other's job?** {_jobs(lenet, alexnet)}",
        f"**What is interesting?** {_interesting(lenet, alexnet)}",
    ]
    return "\n\n".join(_wrapped(paragraph) for paragraph in paragraphs) + "\n"


def _learned(alexnet: Measured) -> str:
    accuracy = alexnet.card.scores.accuracy
    if accuracy >= LEARNED:
        return f"AlexNet does learn MNIST: {accuracy:.2%} of the test digits are answered rightly."
    return f"AlexNet did not learn MNIST in this fit: only {accuracy:.2%} of the test digits are answered rightly."


def _gained(lenet: Measured, alexnet: Measured) -> str:
    alone = f"AlexNet alone is right on {_alone(alexnet, lenet)} digits, LeNet-5 alone on {_alone(lenet, alexnet)}:"
    probability = _chance(lenet, alexnet)
    test = f"(exact McNemar test, p {f'= {probability:.2g}' if probability >= 1e-4 else '< 0.0001'})"
    if not _differ(lenet, alexnet):
        return f"{alone} a difference that chance explains {test}."
    points = 100 * _advantage(lenet, alexnet)
    change = "gain" if points > 0 else "loss"
    return f"{alone} a {change} of {abs(points):.2f} percentage points, more than chance explains {test}."


def _cost(lenet: Measured, alexnet: Measured) -> str:
    return f"""Its parameters are {_times(lenet.card.parameters, alexnet.card.parameters)} times as many, an epoch takes
        {_times(lenet.epoch_seconds, alexnet.epoch_seconds)} times as long, and an answer
        {_times(lenet.milliseconds, alexnet.milliseconds)} times."""


def _verdict(lenet: Measured, alexnet: Measured) -> str:
    if alexnet.card.scores.accuracy < LEARNED:
        verdict = "So the notebook's first claim, that AlexNet could learn MNIST, is not borne out by this fit."
    elif not _differ(lenet, alexnet):
        verdict = "So the notebook is right: AlexNet learns MNIST, and nothing is gained for what it costs."
    elif _advantage(lenet, alexnet) < 0:
        verdict = "So the notebook is right, and kind: AlexNet learns MNIST, but does worse for what it costs."
    else:
        verdict = "So the notebook is right that AlexNet learns MNIST, but not that nothing is gained for the cost."
    return f"{verdict} This is one fit of each: it speaks of these weights, and another seed gives others."


def _difference(lenet: Measured, alexnet: Measured) -> str:
    return f"""Scale, more than idea. LeNet-5 (LeCun et al., 1998) has three convolutions and two fully connected
        layers, with tanh and average pooling, for grey pictures of 32 pixels a side; AlexNet (Krizhevsky et al., 2012)
        has five and three, with rectifiers, max pooling and dropout, for colour pictures of 224. Fully connected layers
        hold {alexnet.connected / alexnet.card.parameters:.0%} of AlexNet's parameters and
        {lenet.connected / lenet.card.parameters:.0%} of LeNet-5's. For a picture AlexNet computes
        {_times(lenet.mflops, alexnet.mflops)} times as much."""


def _jobs(lenet: Measured, alexnet: Measured) -> str:
    accuracy = alexnet.card.scores.accuracy
    answer = "AlexNet can do LeNet-5's" if accuracy >= LEARNED else "AlexNet, as fitted here, cannot do LeNet-5's"
    return f"""{answer}: {accuracy:.2%} against {lenet.card.scores.accuracy:.2%}. The other way round was not measured.
        For ImageNet's thousand classes LeNet-5 would have {lenet.card.parameters + _THOUSAND_CLASSES:,} parameters, and
        84 numbers made from a small grey picture to tell the classes apart by. AlexNet took 60 million parameters and
        1.2 million colour pictures to name 62.5% of ILSVRC-2010's pictures rightly (its paper's top-1 figure)."""


def _interesting(lenet: Measured, alexnet: Measured) -> str:
    work, wait = alexnet.mflops / lenet.mflops, alexnet.milliseconds / lenet.milliseconds
    neither = int((~alexnet.right & ~lenet.right).sum())
    robust = artifact.load_card(artifact.find("robust", [artifact.SHIPPED])).scores.accuracy
    better = robust > alexnet.card.scores.accuracy
    return f"""At {alexnet.card.input.size} pixels AlexNet's convolutions leave a single value of each channel, of which
        the next layer is given {_COPIES} copies: {_REDUNDANT:,} of its parameters
        ({_REDUNDANT / alexnet.card.parameters:.0%}) could be summed away and its answers would be the same. For
        {work:,.0f} times the operations it takes {wait:,.0f} times as long, so it does {work / wait:.1f} times as many
        in a second. Of the {int((~lenet.right).sum())} digits that LeNet-5 gets wrong AlexNet gets {neither} wrong too.
        {"LeNet-5 is not short of parameters" if better else "LeNet-5 has room of its own"}: fitted by the recipe
        `robust` it is right on {robust:.2%}, which is {"more" if better else "not more"} than AlexNet is here."""


def _title(measured: Measured) -> str:
    return ARCHITECTURES[measured.card.architecture].title


def _setting(lenet: Measured, alexnet: Measured, name: str) -> str:
    """Return a hyper-parameter of both recipes, once where it is the same."""
    one, other = (f"{measured.card.recipe[name]:g}" for measured in (lenet, alexnet))
    return one if one == other else f"{one} and {other}"


def _row(name: str, lenet: float, alexnet: float, form: str) -> str:
    return f"| {name} | {lenet:{form}} | {alexnet:{form}} | {_times(lenet, alexnet)} |"


def _times(lenet: float, alexnet: float) -> str:
    ratio = alexnet / lenet
    return f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.1f}"


def _alone(one: Measured, other: Measured) -> int:
    return int((one.right & ~other.right).sum())


def _advantage(lenet: Measured, alexnet: Measured) -> float:
    return (_alone(alexnet, lenet) - _alone(lenet, alexnet)) / len(alexnet.right)


def _chance(lenet: Measured, alexnet: Measured) -> float:
    return chance(_alone(lenet, alexnet), _alone(alexnet, lenet))


def _differ(lenet: Measured, alexnet: Measured) -> bool:
    return _chance(lenet, alexnet) < SIGNIFICANT


def _wrapped(paragraph: str) -> str:
    if paragraph.startswith(("#", "|")):
        return paragraph
    return textwrap.fill(" ".join(paragraph.split()), 120, break_on_hyphens=False, break_long_words=False)
