"""Finished fits as files: the artifact, its ONNX graph, standalone files.

May import data, fitting and evaluation.
"""
