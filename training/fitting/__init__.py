"""The fit: its loop, epochs, losses, batches and checkpoints, and the fit of the calibration.

May import data, synthesis, evaluation's scores and the recipes.
"""
