"""The page that `python -m training compare` writes: a table, and the conclusions from its figures in words."""

import textwrap
from pathlib import Path

from scipy.stats import binomtest

from app.lenet.network import artifact
from app.lenet.network.architectures import ARCHITECTURES
from training.evaluation.profiling import PASSES, NetworkProfile

FOLDER, PAGE = "compare", "README.md"

LEARNED_ACCURACY = 0.95
"""Accuracy from which MNIST counts as learned. Guessing gives 0.11, and any working fit more than this."""

SIGNIFICANCE_LEVEL = 0.05
"""p-value below which a difference counts as statistically significant."""

# At 63 pixels, AlexNet's 256 channels are one value each, and its pooling gives the next layer 36 copies of each.
_COPIES, _CHANNELS, _HIDDEN = 36, 256, 4096
_REDUNDANT = (_COPIES - 1) * _CHANNELS * _HIDDEN

# LeNet-5's last layer has 84 inputs and a bias; ImageNet's challenge has a thousand classes.
_THOUSAND_CLASSES = (1000 - 10) * (84 + 1)


def write_comparison(lenet: NetworkProfile, alexnet: NetworkProfile, *, folder: Path) -> Path:
    """Write the page to `folder` and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / PAGE
    page.write_text(as_page(lenet, alexnet))
    return page


def comparison_table(lenet: NetworkProfile, alexnet: NetworkProfile) -> str:
    """Return a Markdown table of the figures of both and the ratios of AlexNet's to LeNet-5's."""
    rows = [
        _row("parameters", lenet.card.parameters, alexnet.card.parameters, ",d"),
        _row("weights, MB", lenet.megabytes, alexnet.megabytes, ".2f"),
        _row("MFLOPs per picture", lenet.mflops, alexnet.mflops, ".2f"),
        _row("seconds per epoch", lenet.epoch_seconds, alexnet.epoch_seconds, ".1f"),
        _row("milliseconds per picture", lenet.milliseconds, alexnet.milliseconds, ".2f"),
        f"| accuracy | {lenet.card.scores.accuracy:.2%} | {alexnet.card.scores.accuracy:.2%} | |",
        f"| macro-F1 | {lenet.card.scores.macro_f1:.4f} | {alexnet.card.scores.macro_f1:.4f} | |",
    ]
    return "\n".join([f"| | {_title(lenet)} | {_title(alexnet)} | ratio |", "|---|---|---|---|", *rows])


def mcnemar_p_value(one: int, other: int) -> float:
    """Return the two-sided p-value of the exact McNemar test.

    `one` and `other` count the digits that only one of two networks classifies correctly. Source: McNemar, "Note on the
    sampling error of the difference between correlated proportions or percentages" (1947).
    """
    return float(binomtest(one, one + other).pvalue) if one or other else 1.0


def as_page(lenet: NetworkProfile, alexnet: NetworkProfile) -> str:
    """Return the page's Markdown. Sentences that depend on the outcome are chosen by the figures."""
    card = alexnet.card
    rate, momentum, batch, epochs = (
        _setting(lenet, alexnet, name) for name in ("learning_rate", "momentum", "batch_size", "epochs")
    )
    paragraphs = [
        "# LeNet-5 and AlexNet on MNIST",
        f"""The notebook says that AlexNet could learn MNIST too, but would waste its capacity and gain nothing over
        LeNet-5. `python -m training compare` tests that claim. The same loop fits both networks (SGD; learning rate
        {rate}, momentum {momentum}, batch size {batch}, epochs {epochs}; seed {card.seed}, {card.device}, torch
        {card.versions["torch"]}) and the same code scores them. AlexNet is torchvision's, with one input channel and
        ten classes. It sees digits at {card.input.size} pixels a side, the smallest size that it accepts; LeNet-5 sees
        them at {lenet.card.input.size}.""",
        comparison_table(lenet, alexnet),
        f"""A multiplication with an addition counts as two FLOPs. Seconds are medians over the epochs of the fit,
        validation excluded. Milliseconds are medians of {PASSES} forward passes of one picture on one CPU thread.
        Accuracy and macro-F1 are on {card.scores.evaluated_on}. The best epochs were selected on:
        {card.selected_on}.""",
        "## Results",
        f"{_learned(alexnet)} {_gained(lenet, alexnet)} {_cost(lenet, alexnet)} {_verdict(lenet, alexnet)}",
        "## The notebook's three questions",
        f"**What is the difference between the two?** {_difference(lenet, alexnet)}",
        f"**Could either do the other's job?** {_jobs(lenet, alexnet)}",
        f"**What is interesting?** {_interesting(lenet, alexnet)}",
    ]
    return "\n\n".join(_wrapped(paragraph) for paragraph in paragraphs) + "\n"


def _learned(alexnet: NetworkProfile) -> str:
    accuracy = alexnet.card.scores.accuracy
    if accuracy >= LEARNED_ACCURACY:
        return f"AlexNet does learn MNIST: it classifies {accuracy:.2%} of the test digits correctly."
    return f"AlexNet did not learn MNIST in this fit: it classifies only {accuracy:.2%} of the test digits correctly."


def _gained(lenet: NetworkProfile, alexnet: NetworkProfile) -> str:
    only = f"{_only(alexnet, lenet)} digits are classified correctly only by AlexNet, {_only(lenet, alexnet)} only by"
    p_value = mcnemar_p_value(_only(lenet, alexnet), _only(alexnet, lenet))
    test = f"(exact McNemar test, p {f'= {p_value:.2g}' if p_value >= 1e-4 else '< 0.0001'})"
    if not _differ(lenet, alexnet):
        return f"{only} LeNet-5. The difference is not statistically significant {test}."
    points = 100 * _advantage(lenet, alexnet)
    change = "gain" if points > 0 else "loss"
    return f"{only} LeNet-5: a {change} of {abs(points):.2f} percentage points, statistically significant {test}."


def _cost(lenet: NetworkProfile, alexnet: NetworkProfile) -> str:
    return f"""AlexNet has {_times(lenet.card.parameters, alexnet.card.parameters)} times the parameters. An epoch takes
        {_times(lenet.epoch_seconds, alexnet.epoch_seconds)} times as long, a forward pass
        {_times(lenet.milliseconds, alexnet.milliseconds)} times."""


def _verdict(lenet: NetworkProfile, alexnet: NetworkProfile) -> str:
    if alexnet.card.scores.accuracy < LEARNED_ACCURACY:
        verdict = "So this fit does not support the notebook's claim that AlexNet could learn MNIST."
    elif not _differ(lenet, alexnet):
        verdict = "So the notebook is right: AlexNet learns MNIST and gains nothing for its cost."
    elif _advantage(lenet, alexnet) < 0:
        verdict = "So the notebook's claim is too mild: AlexNet learns MNIST, but does worse at a higher cost."
    else:
        verdict = "So the notebook is right that AlexNet learns MNIST, but wrong that it gains nothing."
    return f"{verdict} These are single fits: another seed gives other weights and other figures."


def _difference(lenet: NetworkProfile, alexnet: NetworkProfile) -> str:
    return f"""Mostly scale. LeNet-5 (LeCun et al., 1998) has three convolutions and two fully connected layers, with
        tanh and average pooling, for grey pictures of 32 pixels a side. AlexNet (Krizhevsky et al., 2012) has five and
        three, with ReLU, max pooling and dropout, for colour pictures of 224. Fully connected layers hold
        {alexnet.connected / alexnet.card.parameters:.0%} of AlexNet's parameters and
        {lenet.connected / lenet.card.parameters:.0%} of LeNet-5's. AlexNet needs
        {_times(lenet.mflops, alexnet.mflops)} times as many operations for a picture."""


def _jobs(lenet: NetworkProfile, alexnet: NetworkProfile) -> str:
    accuracy = alexnet.card.scores.accuracy
    can = "AlexNet can do LeNet-5's" if accuracy >= LEARNED_ACCURACY else "AlexNet, as fitted here, cannot do LeNet-5's"
    return f"""{can}: {accuracy:.2%} against {lenet.card.scores.accuracy:.2%}. The reverse was not measured. For
        ImageNet's thousand classes LeNet-5 would have {lenet.card.parameters + _THOUSAND_CLASSES:,} parameters, and
        only 84 features of a small grey picture to tell the classes apart. AlexNet took 60 million parameters and 1.2
        million colour pictures to classify 62.5% of ILSVRC-2010's pictures correctly (its paper's top-1 figure)."""


def _interesting(lenet: NetworkProfile, alexnet: NetworkProfile) -> str:
    work, wait = alexnet.mflops / lenet.mflops, alexnet.milliseconds / lenet.milliseconds
    neither = int((~alexnet.correct & ~lenet.correct).sum())
    robust = artifact.load_card(artifact.find("robust", [artifact.SHIPPED])).scores.accuracy
    better = robust > alexnet.card.scores.accuracy
    return f"""At {alexnet.card.input.size} pixels AlexNet's convolutions leave a single value for each channel, and the
        next layer receives {_COPIES} copies of it. {_REDUNDANT:,} of AlexNet's parameters
        ({_REDUNDANT / alexnet.card.parameters:.0%}) could be summed away without changing its answers. AlexNet takes
        {wait:,.0f} times as long for {work:,.0f} times the operations, so it computes {work / wait:.1f} times as many
        per second. Of the {int((~lenet.correct).sum())} digits that LeNet-5 gets wrong, AlexNet gets {neither} wrong
        too. {"LeNet-5 does not lack parameters" if better else "LeNet-5 can do better too"}: with the recipe `robust`
        it classifies {robust:.2%} correctly, which is {"more" if better else "not more"} than AlexNet does here."""


def _title(profile: NetworkProfile) -> str:
    return ARCHITECTURES[profile.card.architecture].title


def _setting(lenet: NetworkProfile, alexnet: NetworkProfile, name: str) -> str:
    """Return a hyper-parameter of both recipes, or only once if it is the same."""
    one, other = (f"{profile.card.recipe[name]:g}" for profile in (lenet, alexnet))
    return one if one == other else f"{one} and {other}"


def _row(name: str, lenet: float, alexnet: float, form: str) -> str:
    return f"| {name} | {lenet:{form}} | {alexnet:{form}} | {_times(lenet, alexnet)} |"


def _times(lenet: float, alexnet: float) -> str:
    ratio = alexnet / lenet
    return f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.1f}"


def _only(one: NetworkProfile, other: NetworkProfile) -> int:
    return int((one.correct & ~other.correct).sum())


def _advantage(lenet: NetworkProfile, alexnet: NetworkProfile) -> float:
    return (_only(alexnet, lenet) - _only(lenet, alexnet)) / len(alexnet.correct)


def _differ(lenet: NetworkProfile, alexnet: NetworkProfile) -> bool:
    return mcnemar_p_value(_only(lenet, alexnet), _only(alexnet, lenet)) < SIGNIFICANCE_LEVEL


def _wrapped(paragraph: str) -> str:
    if paragraph.startswith(("#", "|")):
        return paragraph
    return textwrap.fill(" ".join(paragraph.split()), 120, break_on_hyphens=False, break_long_words=False)
