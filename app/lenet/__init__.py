"""The model's own ring: pictures in, probabilities out. Knows nothing of HTTP."""
