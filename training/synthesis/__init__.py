"""Synthetic data: augmentation, written styles, degraded digits and pictures of no digit.

May import data.
"""
