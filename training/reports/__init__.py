"""Curves, tables and pages for people.

May import data and evaluation.
"""
