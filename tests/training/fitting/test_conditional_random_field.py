import numpy as np
import pytest

from app.lenet.inference.predictor import Predictor
from app.lenet.network import artifact
from app.lenet.reading.reader import load_reader
from training.data.mnist import Mnist
from training.fitting.conditional_random_field import fit_weights
from training.fitting.fit_reader import PRIOR
from training.fitting.line_cases import Case, cases_of
from training.synthesis.pages import make_page


@pytest.fixture(scope="module")
def cases(robust: Predictor, mnist: Mnist) -> list[Case]:
    reader = load_reader(artifact.load(artifact.SHIPPED / "robust.safetensors"), robust)
    random = np.random.default_rng(2)
    return [case for _ in range(10) for case in cases_of(make_page(random, mnist.train), reader)]


def test_right_runs_are_in_order_and_read_what_is_written(cases: list[Case]) -> None:
    assert sum(len(case.labels) for case in cases) > 20
    agreed = []
    for case in cases:
        for run, position in zip(case.lattice.logits, case.positions.tolist(), strict=True):
            if position >= 0:
                agreed.append(int(run.argmax()) == case.labels[position])
    assert np.mean(agreed) > 0.75


def test_the_fit_makes_the_right_paths_likelier(cases: list[Case]) -> None:
    _, before = fit_weights(cases, 0.7, PRIOR, 1e9)
    fitted, after = fit_weights(cases, 0.7, PRIOR, 0.001)
    assert after < before
    assert fitted.digit.keys() == PRIOR.digit.keys()
    assert fitted.reject.keys() == PRIOR.reject.keys()


def test_a_strong_pull_keeps_the_prior(cases: list[Case]) -> None:
    fitted, _ = fit_weights(cases, 0.7, PRIOR, 1e9)
    assert fitted.probability == pytest.approx(PRIOR.probability, abs=1e-3)
    assert fitted.digit == pytest.approx(PRIOR.digit, abs=1e-3)
    assert fitted.reject == pytest.approx(PRIOR.reject, abs=1e-3)
