"""Fits LeNet-5 on MNIST, scores it and exports the artifact that the service loads."""
