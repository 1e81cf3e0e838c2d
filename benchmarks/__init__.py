"""Commands that measure; each prints a Markdown table and a JSON line."""
