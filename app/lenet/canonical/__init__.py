"""Any picture of one digit to MNIST's form, and what was done: an ordered list of steps.

OpenCV and numpy alone.
"""
