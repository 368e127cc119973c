"""Parquet files as a sheet of text whose first row is the header, so that they go the same way as workbooks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from khotail.facts.problems import CorruptFile, EmptyFile
from khotail.facts.reading.limits import MAX_BYTES, refuse_larger
from khotail.facts.reading.raw import RawSheet, numbered

_LEAST_BYTES_A_CELL = 4


def read_parquet(path: Path, max_bytes: int = MAX_BYTES) -> RawSheet:
    """The whole file as text. Raises CorruptFile, EmptyFile, FileTooLarge."""
    try:
        stated = pq.read_metadata(path)
        unpacked = sum(stated.row_group(number).total_byte_size for number in range(stated.num_row_groups))
        # A value that is repeated a million times takes a few bytes in the file, but as many as others in memory.
        refuse_larger(path, max(unpacked, stated.num_rows * stated.num_columns * _LEAST_BYTES_A_CELL), max_bytes)
        texts = [name for name, kind in _kinds(path) if pa.types.is_string(kind) or pa.types.is_binary(kind)]
        table = pq.read_table(path, read_dictionary=texts)
        refuse_larger(path, sum(_bytes_in_full(column) for column in table.columns), max_bytes)
    except (pa.ArrowException, OSError) as error:
        raise CorruptFile(file=path.name) from error
    if table.num_rows == 0 or table.num_columns == 0:
        raise EmptyFile(file=path.name)
    columns: list[Any] = []
    for name, column in zip(table.column_names, table.columns, strict=True):
        cells = pa.concat_arrays([pa.array([name], pa.string()), *(_as_text(chunk) for chunk in column.chunks)])
        columns.append(cells)
    # The header counts as row 0, so that data rows count from 1 as other programs show them.
    return RawSheet(path.stem, columns, numbered(table.num_rows + 1, first=0))


def _kinds(path: Path) -> list[tuple[str, Any]]:
    return [(field.name, field.type) for field in pq.read_schema(path)]


def _bytes_in_full(column: Any) -> int:
    """Bytes that a column's texts take once each cell has its own copy."""
    total = 0
    for chunk in column.chunks:
        if pa.types.is_dictionary(chunk.type) and len(chunk.dictionary):
            lengths = pc.binary_length(chunk.dictionary).cast(pa.int64())
            total += pc.sum(lengths.take(chunk.indices)).as_py() or 0
    return total


def _as_text(chunk: Any) -> Any:
    if pa.types.is_dictionary(chunk.type):
        chunk = chunk.dictionary_decode()
    try:
        return pc.cast(chunk, pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return pa.array([None if cell is None else str(cell) for cell in chunk.to_pylist()], pa.string())
