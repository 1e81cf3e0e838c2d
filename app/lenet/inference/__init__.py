"""From a decoded picture of one digit to an answer: preprocessing, input tensor, predictor, calibration.

May import decoding, canonical and network.
"""
