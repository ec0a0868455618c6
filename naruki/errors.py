"""The one error that a user is meant to read."""


class NarukiError(Exception):
    """What went wrong and the way out, in one sentence that names the file, the row or the setting.

    The command line prints the sentence without a traceback and exits with 1.
    """
