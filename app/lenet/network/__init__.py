"""The networks, their artifact and its card, and the engines and devices that compute them.

Imports no other room of the inner ring.
"""
