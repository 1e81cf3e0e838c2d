"""MNIST for the tests of the whole service."""

from tests.mnist_fixtures import alexnet_weights, few, mnist, mnist_root

__all__ = ["alexnet_weights", "few", "mnist", "mnist_root"]
