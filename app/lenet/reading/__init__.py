"""A picture of many digits to lines of digits.

May import canonical, whose ink it shares.
"""
