from dataclasses import replace

import pytest

from app.lenet.inference.input_tensor import InputSpec
from training.recipes import ALEXNET, NOTEBOOK, RECIPES, ROBUST


def test_every_recipe_goes_by_its_own_name() -> None:
    assert {name: recipe.name for name, recipe in RECIPES.items()} == {name: name for name in RECIPES}


def test_alexnet_is_fitted_as_the_notebook_fits_lenet() -> None:
    of_lenet = replace(ALEXNET, name="notebook", architecture="lenet5", input=NOTEBOOK.input)
    assert of_lenet == NOTEBOOK
    assert (ALEXNET.architecture, ALEXNET.input.size) == ("alexnet", 63)


def test_distortions_at_another_size_are_refused() -> None:
    with pytest.raises(ValueError, match="recipe robust: distortions need an input size of 32, not 63"):
        replace(ROBUST, input=InputSpec(size=63))
