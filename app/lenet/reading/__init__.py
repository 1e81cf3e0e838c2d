"""A picture of many digits to lines of digits: recognition decides the segmentation.

May import canonical, whose ink it shares, inference and network.
"""
