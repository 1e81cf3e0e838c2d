"""From a decoded picture to an answer: preprocessing, input tensor, predictor, calibration.

The room that joins the others: may import decoding, canonical, reading and network.
"""
