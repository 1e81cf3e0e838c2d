"""The Open Inference Protocol, version 2, over HTTP, with the binary tensor data extension.

Source: github.com/kserve/open-inference-protocol and Triton's extension_binary_data.md.
"""
