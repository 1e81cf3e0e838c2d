"""How good weights are: scores, MNIST-C's corruptions, profiles of networks.

May import data; uses the service's own code to answer.
"""
