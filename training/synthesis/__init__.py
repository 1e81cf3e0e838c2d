"""Synthetic data: augmentation, handwriting styles, degraded digits and out-of-distribution pictures.

May import data, and MNIST's frame from `app.lenet`.
"""
