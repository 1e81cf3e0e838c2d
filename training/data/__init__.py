"""MNIST fetched, verified and held in memory; splits, loaders and folders of labelled pictures."""
