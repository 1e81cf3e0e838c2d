"""Untrusted bytes to an upright 8-bit grey picture, or a typed refusal.

Pillow and OpenCV's decoders; imports no other room of the inner ring.
"""
