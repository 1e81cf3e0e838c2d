"""Servers to compare with, each in the fewest lines that its framework's own documentation would use."""
