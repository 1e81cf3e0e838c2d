"""Benchmarks: commands that measure. Each prints a Markdown table and a JSON line."""
