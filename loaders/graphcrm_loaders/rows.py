"""Which rows of a file count for a table that shares the file with others."""

from graphcrm.model import Table
from graphcrm_loaders.columns import Layout


def counted_rows(rows: str, layout: Layout, table: Table) -> str:
    """SQL for those of the rows (n, columns, maybe extra) that count, under their own numbers.

    Rows without the column `only_with` are left out. With `once`, rows of the same id are one row,
    that of the first of them, with the first value that is known of each column; a row that
    contradicts it stays a row of its own, to be refused as a repetition.
    """
    if layout.only_with is not None:
        rows = f'SELECT * FROM ({rows}) WHERE "{layout.only_with}" IS NOT NULL'
    if not layout.once:
        return rows
    extra = ["extra"] if layout.extra else []
    names = list(layout.names)
    keys = [name for name in (table.node.id_fields if table.node else names) if name in names]
    if not table.node:
        keys = names
    others = [name for name in names if name not in keys]
    same = ", ".join(f'"{name}"' for name in keys)
    known = "".join(
        f', arg_min("{name}", n) AS "{name}"' for name in [*others, *extra]
    )  # the first that is not null
    first = f"SELECT min(n) AS n, {same}{known} FROM given WHERE {_all_known(keys[:1])} GROUP BY "
    columns = ", ".join(f'"{name}"' for name in ["n", *names, *extra])
    differs = " OR ".join(f'g."{name}" <> f."{name}"' for name in others) or "false"
    joined = " AND ".join(f'g."{name}" IS NOT DISTINCT FROM f."{name}"' for name in keys)
    own = ", ".join(f'g."{name}"' for name in ["n", *names, *extra])
    return (
        f"WITH given AS MATERIALIZED ({rows}), firsts AS MATERIALIZED ({first}{same}) "
        f"SELECT {columns} FROM firsts UNION ALL "
        f"SELECT {own} FROM given g JOIN firsts f ON {joined} WHERE g.n <> f.n AND ({differs}) "
        f"UNION ALL SELECT {columns} FROM given WHERE NOT ({_all_known(keys[:1])}) ORDER BY n"
    )


def _all_known(names: list[str]) -> str:
    return " AND ".join(f'"{name}" IS NOT NULL' for name in names)
