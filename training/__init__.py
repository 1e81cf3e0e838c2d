"""Fits LeNet-5 on MNIST, scores it and exports the artifact that the service loads.

May import `app.lenet`, and the version of `app`; `app` never imports it.
"""
