"""Reports: curves, diagrams, tables and Markdown pages.

May import data and evaluation.
"""
