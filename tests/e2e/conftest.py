"""MNIST for the tests of the whole service, and a browser for those of the page."""

from tests.e2e.browser import address, chromium, visit
from tests.mnist_fixtures import alexnet_weights, few, mnist, mnist_root

__all__ = ["address", "alexnet_weights", "chromium", "few", "mnist", "mnist_root", "visit"]
