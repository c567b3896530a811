"""A log's public files in an object store that speaks S3's language, through obstore (``pip install passerby[s3]``).

An object is there whole or not at all, and durable once the store has answered. The environment's ``AWS_…`` variables
say who may write and where the store is; the address names bucket and prefix alone, so that anybody may see it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING

from passerby.ledger.errors import Misuse
from passerby.ledger.ports import Objects
from passerby.store.ledger.folder import SAFE

if TYPE_CHECKING:
    from obstore.store import S3Store

_ADDRESS = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/([A-Za-z0-9._/-]{0,200}))?")
_AT_ONCE = 16
_TIMEOUT = "20s"
_TRIES = 3


class BucketError(OSError):
    """The object store can't be reached, or refuses."""


class Bucket:
    """`passerby.ledger.ports.Objects` in a bucket.

    Args:
        store: The bucket, with its prefix.
    """

    def __init__(self, store: S3Store) -> None:
        self._store = store
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="bucket")

    def get(self, path: str) -> bytes | None:
        """An object's bytes; None where there is none, or where the path is none of a log's.

        Raises:
            BucketError: The store gives no answer.
        """
        import obstore
        from obstore.exceptions import BaseError, NotFoundError

        if not SAFE.fullmatch(path):
            return None
        try:
            return bytes(obstore.get(self._store, path).bytes())
        except (NotFoundError, FileNotFoundError):
            return None
        except BaseError as error:
            raise _told(path, error) from error

    def put(self, files: Iterable[tuple[str, bytes]]) -> None:
        """Write objects, some at a time; all are durable when this returns.

        Raises:
            BucketError: One can't be written; others of the same call may have been.
        """
        for some in _groups(files):
            for done in [self._pool.submit(self._put, path, content) for path, content in some]:
                done.result()

    def remove(self, folders: Sequence[str]) -> None:
        """Remove what is below these paths. What can't be removed is no harm, and stays.

        Raises:
            BucketError: The store gives no answer.
        """
        import obstore
        from obstore.exceptions import BaseError

        for folder in folders:
            try:
                found = [item["path"] for batch in obstore.list(self._store, f"{folder}/") for item in batch]
                if found:
                    obstore.delete(self._store, found)
            except BaseError as error:
                raise _told(folder, error) from error

    def _put(self, path: str, content: bytes) -> None:
        import obstore
        from obstore.exceptions import BaseError

        try:
            obstore.put(self._store, path, content, use_multipart=False)
        except BaseError as error:
            raise _told(path, error) from error


def open_bucket(address: str) -> Objects:
    """The bucket at ``s3://NAME/PREFIX``.

    Raises:
        Misuse: It is no such address, or what speaks with buckets is not installed.
    """
    named = _ADDRESS.fullmatch(address)
    if named is None:
        raise Misuse(f"{address[:80]} is no bucket: write s3://NAME/PREFIX")
    try:
        from obstore.store import S3Store
    except ImportError as error:
        raise Misuse("buckets need obstore: pip install 'passerby[s3]'") from error
    name, prefix = named.groups()
    return Bucket(
        S3Store(
            name,
            prefix=prefix or None,
            client_options={"timeout": _TIMEOUT, "connect_timeout": _TIMEOUT, "allow_http": True},
            retry_config={"max_retries": _TRIES},
        )
    )


def _groups(files: Iterable[tuple[str, bytes]]) -> Iterator[list[tuple[str, bytes]]]:
    given = iter(files)
    while some := list(islice(given, 4 * _AT_ONCE)):
        yield some


def _told(path: str, error: Exception) -> BucketError:
    """In one line, without what the store answered at length."""
    said = str(error).partition("\n")[0][:200]
    return BucketError(f"the bucket does not take or give {path} ({said}): check the AWS_ variables and the bucket")
