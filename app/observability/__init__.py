"""The service seen from outside: request ids, log lines, and what Prometheus collects.

Knows no HTTP beyond header values, and imports nothing else of `app`.
"""
