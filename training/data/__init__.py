"""Data: MNIST downloaded, verified and held in memory, its splits and loaders, and folders of labelled pictures.

May import `app.lenet` only.
"""
