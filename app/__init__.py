"""The service: loads an exported artifact onto the best device and answers image uploads over HTTP."""

__version__ = "0.1.0"
