"""The reasons to refuse an archive as a whole."""


class BulkError(Exception):
    """The archive cannot be scored, or not into this folder; the message is fit for whoever ran the command."""
