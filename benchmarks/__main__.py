"""`python -m benchmarks`: run the benchmarks and print their tables."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import click
import rich

from benchmarks import audits, entitlement, issues, memory, peers, screening, startup, visit_form, visits, web
from benchmarks.table import Table

BENCHMARKS: dict[str, Callable[[int, tuple[int, ...]], list[Table]]] = {
    "startup": startup.run,
    "peers": peers.run,
    "screening": screening.run,
    "audits": audits.run,
    "entitlement": entitlement.run,
    "memory": memory.run,
    "web": web.run,
    "visits": visits.run,
    "visit-form": visit_form.run,
    "issues": issues.run,
}
PACKAGES = ("duckdb", "sqlglot", "polars", "pandas", "openfisca-core", "numpy", "pyarrow")


@click.command()
@click.option("--quick", is_flag=True, help="Three runs instead of five, and the smallest size of each benchmark.")
@click.option("--only", multiple=True, type=click.Choice(list(BENCHMARKS)), help="Run this benchmark; repeat for more.")
@click.option(
    "--rows", multiple=True, type=click.IntRange(min=1), help="Households, instead of the usual sizes; repeat for more."
)
@click.option("--markdown", type=click.Path(dir_okay=False, path_type=Path), help="Also write the tables to this file.")
def main(quick: bool, only: tuple[str, ...], rows: tuple[int, ...], markdown: Path | None) -> None:
    """Measure Khotail against the same work done another way."""
    peers_named = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    rich.print(peers_named)
    tables: list[Table] = []
    for name, benchmark in BENCHMARKS.items():
        if only and name not in only:
            continue
        sizes = rows or (SMALLEST.get(name, ()) if quick else ())
        for table in benchmark(3 if quick else 5, sizes):
            table.show()
            tables.append(table)
            if markdown:
                markdown.write_text("\n".join([peers_named + "\n", *(t.markdown() for t in tables)]), "utf-8")


SMALLEST = {
    "peers": (1_000_000,),
    "screening": (1_000_000,),
    "audits": (7_300,),
    "entitlement": (1_000_000,),
    "memory": (1_000_000, 3_000_000),
    "web": (20_000,),
    "visits": (50,),
    "issues": (20_000,),
}

if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
