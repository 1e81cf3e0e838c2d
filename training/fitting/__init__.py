"""Fitting: the loop over epochs, losses, batches, checkpoints, and the fit of the calibration.

May import data, synthesis, the recipes and the scores of evaluation.
"""
