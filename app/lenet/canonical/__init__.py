"""Any picture of one digit to MNIST's form, and the ink of any page: ordered lists of steps.

OpenCV and numpy alone.
"""
