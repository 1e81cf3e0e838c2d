"""Recipes: every hyper-parameter of a fit in one frozen instance."""

from dataclasses import dataclass, field

from app.lenet.preprocessing import NOTEBOOK_INPUT, InputSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """All that decides a fit besides its seed and its data."""

    name: str
    architecture: str = "lenet5"
    input: InputSpec = field(default=NOTEBOOK_INPUT)
    epochs: int
    batch_size: int
    learning_rate: float
    momentum: float
    weight_decay: float
    step_size: int  # epochs between two reductions of the learning rate
    gamma: float  # what the learning rate is multiplied by at each
    selected_on: str  # the pictures whose accuracy decides which epoch is kept


NOTEBOOK = Recipe(
    name="notebook",
    epochs=5,
    batch_size=128,
    learning_rate=0.01,
    momentum=0.9,
    weight_decay=5e-4,
    step_size=5,
    gamma=0.5,
    selected_on="test",  # as the notebook did; scores on the test set are therefore a little kind
)

RECIPES = {recipe.name: recipe for recipe in (NOTEBOOK,)}
