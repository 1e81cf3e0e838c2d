"""Servers to compare with, each as short as in the documentation of its framework."""
