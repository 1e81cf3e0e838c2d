"""The fuzzing targets hold on the seed corpus, and on all that fuzzing has ever found."""

from pathlib import Path

import pytest

from tests.fuzz.seeds import seeds
from tests.fuzz.targets import TARGETS

FINDINGS = Path(__file__).parent / "findings"


@pytest.mark.filterwarnings("ignore::Warning:PIL")
@pytest.mark.parametrize("target", TARGETS)
def test_the_seeds_and_what_was_found_do_no_harm(target: str) -> None:
    corpus = list(seeds(target))
    assert len(corpus) > 50
    for data in [*corpus, *(file.read_bytes() for file in sorted((FINDINGS / target).glob("*")))]:
        TARGETS[target](data)
