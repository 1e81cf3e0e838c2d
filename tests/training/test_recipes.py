from dataclasses import replace

import pytest

from app.lenet.network.input_spec import InputSpec
from training.recipes import ALEXNET, NOTEBOOK, RECIPES, ROBUST


def test_recipes_are_keyed_by_their_names() -> None:
    assert {name: recipe.name for name, recipe in RECIPES.items()} == {name: name for name in RECIPES}


def test_alexnets_recipe_is_the_notebooks_except_for_the_network() -> None:
    of_lenet = replace(ALEXNET, name="notebook", architecture="lenet5", input=NOTEBOOK.input)
    assert of_lenet == NOTEBOOK
    assert (ALEXNET.architecture, ALEXNET.input.size) == ("alexnet", 63)


def test_distortions_at_another_size_raise() -> None:
    with pytest.raises(ValueError, match="recipe robust: distortions need an input size of 32, not 63"):
        replace(ROBUST, input=InputSpec(size=63))
