"""Benchmarks: commands that measure. Each prints a Markdown table and a JSON line."""

import app.lenet.network.onnx_runtime  # noqa: F401 - first, because it silences ONNX Runtime, which some import
