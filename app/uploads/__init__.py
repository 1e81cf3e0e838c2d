"""Request bodies as they arrive: limits, multipart forms (fast and full), raw pictures.

May import runtime (to charge memory) and errors; knows no tensors and no routes.
"""
