"""Evaluation of weights: scores, MNIST-C's corruptions, and profiles of networks.

May import data, and answers with the service's own code in `app.lenet`.
"""
