"""Errors that a user can mend fail at once; everything else may be tried again."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from naruki.errors import NarukiError


@contextmanager
def explained() -> Iterator[None]:
    """Turn a NarukiError into a failure that is not retried and shows its one sentence."""
    try:
        yield
    except NarukiError as error:
        raise dg.Failure(str(error), allow_retries=False) from error
