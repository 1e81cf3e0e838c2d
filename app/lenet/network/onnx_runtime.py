"""ONNX Runtime, silent: since 1.29 it reports how it is used to its maker, unless told not to before it is imported."""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime

__all__ = ["onnxruntime"]
