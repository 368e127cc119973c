"""Parquet that only this installation reads: every file is encrypted whole (AES-256-GCM) with a key from the data key.

DuckDB does not take part: it writes no encrypted Parquet without an extension that has to be fetched, and what pyarrow
writes it cannot read. It scans pyarrow's datasets instead, with columns and filters pushed down.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from django.conf import settings
from pyarrow.parquet.encryption import create_decryption_properties, create_encryption_properties

from khotail.files import written_whole


def _key() -> bytes:
    return hmac.new(settings.KHOTAIL_DATA_KEY, b"snapshot", hashlib.sha256).digest()


@contextmanager
def kept(path: Path, schema: pa.Schema) -> Iterator[pq.ParquetWriter]:
    """A writer of an encrypted Parquet file, which appears whole or not at all."""
    protection = create_encryption_properties(footer_key=_key())
    with (
        written_whole(path) as unfinished,
        pq.ParquetWriter(unfinished, schema, compression="zstd", encryption_properties=protection) as writer,
    ):
        yield writer


def read(paths: Iterable[Path], schema: pa.Schema) -> ds.Dataset:
    """What `kept` wrote, for a scan by columns and filters."""
    options = ds.ParquetFragmentScanOptions(decryption_properties=create_decryption_properties(footer_key=_key()))
    form = ds.ParquetFileFormat(default_fragment_scan_options=options)
    return ds.dataset([str(path) for path in paths], schema=schema, format=form)
