"""Recipes: every hyper-parameter of a fit in one frozen instance."""

from dataclasses import dataclass, field, replace
from typing import Literal

from app.lenet.inference.input_tensor import NOTEBOOK_INPUT, InputSpec
from app.lenet.network.alexnet import SMALLEST
from training.synthesis.augmentation import DISTORTED, Distortion

SelectedOn = Literal["test", "held-out training digits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDecay:
    """The learning rate is multiplied by `gamma` every `epochs` epochs."""

    epochs: int
    gamma: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OneCycle:
    """The learning rate rises over the share `rise` of all steps and falls to `end` of its peak by cosines.

    Source: Smith & Topin, "Super-Convergence" (2018).
    """

    rise: float
    end: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixture:
    """Pictures made for training, added to each batch beside MNIST's digits.

    Of each sort a pool is made once, of `..._pool` different pictures.
    """

    styled: int  # digits written in styles that MNIST lacks
    styled_pool: int
    spoilt: int  # MNIST digits crossed by lines, peppered, dragged, outlined
    spoilt_pool: int
    nothing: int  # pictures that hold no digit
    nothing_pool: int
    exposure: float  # weight of their loss, which asks for equal probabilities


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """All that decides a fit besides its seed and its data."""

    name: str
    architecture: str = "lenet5"
    input: InputSpec = field(default=NOTEBOOK_INPUT)
    epochs: int
    batch_size: int  # MNIST's digits in a batch
    learning_rate: float  # the highest
    momentum: float
    nesterov: bool = False
    weight_decay: float
    schedule: StepDecay | OneCycle
    distortion: Distortion | None = None
    calm: float = 0.0  # share of the epochs, the last ones, under half of the distortion
    mixture: Mixture | None = None
    selected_on: SelectedOn  # the pictures whose accuracy decides which epoch is kept

    def __post_init__(self) -> None:
        """Refuse distortions for an input of another size than they are made at; raises `ValueError`."""
        if self.distortion and self.input.size != DISTORTED:
            raise ValueError(f"distorted pictures have {DISTORTED} pixels a side, which {self.name} does not take")


NOTEBOOK = Recipe(
    name="notebook",
    epochs=5,
    batch_size=128,
    learning_rate=0.01,
    momentum=0.9,
    weight_decay=5e-4,
    schedule=StepDecay(epochs=5, gamma=0.5),
    selected_on="test",  # as the notebook did; its scores on the test set are therefore a little kind
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
    calm=0.3,
    mixture=Mixture(
        styled=28,
        styled_pool=12_000,
        spoilt=20,
        spoilt_pool=24_000,
        nothing=44,
        nothing_pool=30_000,
        exposure=0.3,
    ),
    selected_on="held-out training digits",
)

# All else as the notebook has it, so that the two networks can be compared.
ALEXNET = replace(NOTEBOOK, name="alexnet", architecture="alexnet", input=InputSpec(size=SMALLEST))

RECIPES = {recipe.name: recipe for recipe in (NOTEBOOK, ROBUST, ALEXNET)}
