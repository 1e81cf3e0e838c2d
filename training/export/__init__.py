"""Export of finished fits: the artifact, its ONNX graph, and standalone files.

May import data, fitting, evaluation and the recipes.
"""
