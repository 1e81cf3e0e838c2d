"""Recipes: all hyper-parameters of a fit in one frozen instance."""

from dataclasses import dataclass, field, replace
from typing import Literal

from app.lenet.network.alexnet import SMALLEST
from app.lenet.network.input_spec import NOTEBOOK_INPUT, InputSpec
from training.synthesis.augmentation import DISTORTED_SIDE, Distortion

SelectedOn = Literal["test", "held-out training digits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDecay:
    """Multiply the learning rate by `gamma` every `epochs` epochs."""

    epochs: int
    gamma: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OneCycle:
    """Raise the learning rate over the share `rise` of all steps, then lower it to `end` of its peak, along cosines.

    Source: Smith & Topin, "Super-Convergence" (2018).
    """

    rise: float
    end: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixture:
    """Synthetic pictures in each batch, in addition to MNIST's digits.

    The pictures of each kind are drawn from a pool of `..._pool` different ones, made once.
    """

    styled: int  # digits in styles that MNIST lacks
    styled_pool: int
    degraded: int  # MNIST digits crossed by strokes, with impulse noise, motion-blurred, outlined
    degraded_pool: int
    out_of_distribution: int  # pictures that hold no digit
    out_of_distribution_pool: int
    exposure: float  # weight of the loss that asks for equal probabilities of the out-of-distribution pictures


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Everything that decides a fit except its seed and its data."""

    name: str
    architecture: str = "lenet5"
    input: InputSpec = field(default=NOTEBOOK_INPUT)
    epochs: int
    batch_size: int  # MNIST digits, without the mixture's pictures
    learning_rate: float  # its peak
    momentum: float
    nesterov: bool = False
    weight_decay: float
    schedule: StepDecay | OneCycle
    distortion: Distortion | None = None
    final_share_at_half_distortion: float = 0.0  # of the epochs
    mixture: Mixture | None = None
    selected_on: SelectedOn  # whose accuracy decides which epoch is kept

    def __post_init__(self) -> None:
        """Raise `ValueError` for distortions with an input size other than theirs."""
        if self.distortion and self.input.size != DISTORTED_SIDE:
            raise ValueError(
                f"recipe {self.name}: distortions need an input size of {DISTORTED_SIDE}, not {self.input.size}"
            )


NOTEBOOK = Recipe(
    name="notebook",
    epochs=5,
    batch_size=128,
    learning_rate=0.01,
    momentum=0.9,
    weight_decay=5e-4,
    schedule=StepDecay(epochs=5, gamma=0.5),
    selected_on="test",  # as in the notebook, so its scores on the test set are slightly optimistic
)

ROBUST = Recipe(
    name="robust",
    epochs=80,
    batch_size=256,
    learning_rate=0.15,
    momentum=0.9,
    nesterov=True,
    weight_decay=1e-4,
    schedule=OneCycle(rise=0.2, end=4e-5),
    distortion=Distortion(),
    final_share_at_half_distortion=0.3,
    mixture=Mixture(
        styled=28,
        styled_pool=12_000,
        degraded=20,
        degraded_pool=24_000,
        out_of_distribution=44,
        out_of_distribution_pool=30_000,
        exposure=0.3,
    ),
    selected_on="held-out training digits",
)

# The rest is as in the notebook, so that the two networks can be compared.
ALEXNET = replace(NOTEBOOK, name="alexnet", architecture="alexnet", input=InputSpec(size=SMALLEST))

RECIPES = {recipe.name: recipe for recipe in (NOTEBOOK, ROBUST, ALEXNET)}
