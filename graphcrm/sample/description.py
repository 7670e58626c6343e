"""What is asked of a book for its description: one question to a chart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Question:
    """A query over the tables of a book: a label and one figure for each of the `series`.

    `needs` are the tables without which it can't be asked; labels are translated by the words
    whose keys begin with `named`.
    """

    name: str
    unit: str
    needs: frozenset[str]
    sql: str
    form: Literal["bars", "columns", "line", "pyramid"] = "bars"
    series: tuple[str, ...] = ()
    axis: str = ""
    named: str = ""
    stacked: bool = False


def _by(name: str, unit: str, table: str, column: str, named: str = "v") -> Question:
    """Ask how many rows have each value of a column, the most frequent first."""
    sql = f"""SELECT {column}, count(*) FROM "{table}" WHERE {column} NOT NULL
        GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 12"""
    return Question(name, unit, frozenset([table]), sql, named=named)


def _amounts(column: str, table: str) -> str:
    """Write a histogram on steps of 1, 2 and 5 times a power of ten, labelled by the lower edge."""
    return f"""
        WITH edges AS (SELECT m * pow(10, p) AS low, coalesce(lead(m * pow(10, p)) OVER (
            ORDER BY m * pow(10, p)), 1e12) AS high
            FROM unnest([1, 2, 5]) a(m), unnest([1, 2, 3, 4, 5, 6]) b(p)),
        found AS (SELECT low, count(x) AS n FROM edges LEFT JOIN (
            SELECT {column}::DOUBLE AS x FROM {table}) ON x >= low AND x < high GROUP BY 1)
        SELECT low, n
        FROM found WHERE low BETWEEN (SELECT min(low) FROM found WHERE n > 0)
            AND (SELECT max(low) FROM found WHERE n > 0) ORDER BY low"""


_IN_FORCE = "SELECT * FROM policies WHERE status = 'in_force'"
_SURNAME = "regexp_matches(name, '^\\p{Han}')"

KEY_FIGURES: dict[str, tuple[set[str], str]] = {
    "persons": ({"persons"}, "SELECT count(*) FROM persons"),
    "institutions": ({"institutions"}, "SELECT count(*) FROM institutions"),
    "in_force": ({"policies"}, f"SELECT count(*) FROM ({_IN_FORCE})"),
    "premium": ({"policies"}, f"""SELECT sum(premium::DOUBLE) FROM ({_IN_FORCE})
        WHERE frequency <> 'single' AND coalesce(currency, 'CNY') = 'CNY'"""),
    "agents": ({"agents"}, "SELECT count(*) FROM agents"),
    "claims": ({"claims"}, "SELECT count(*) FROM claims"),
    "paid": ({"claims"}, "SELECT sum(amount_paid::DOUBLE) FROM claims"),
    "orphans": ({"truth/orphans"}, 'SELECT count(*) FROM "truth/orphans"'),
}  # fmt: skip

CUSTOMERS = (
    Question("ages", "persons", frozenset(["persons"]), """
        WITH day AS (SELECT max(issued_on::DATE) AS d FROM policies),
        aged AS (SELECT least(datediff('day', birth_date::DATE, d) // 1826.2, 17)::INT AS band, sex
            FROM persons, day WHERE birth_date::DATE <= d AND died_on IS NULL
            AND birth_date::DATE > DATE '1905-01-01')
        SELECT CASE WHEN band = 17 THEN '85+' ELSE band * 5 || '–' || band * 5 + 4 END,
            count(*) FILTER (sex = 'M'), count(*) FILTER (sex = 'F')
        FROM aged GROUP BY band ORDER BY band""", "pyramid", ("male", "female"), "age"),
    Question("surnames", "persons", frozenset(["persons"]), f"""
        SELECT name[:1], count(*) FROM persons WHERE {_SURNAME}
        GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 16"""),
    Question("name_tail", "persons", frozenset(["persons"]), """
        WITH same AS (SELECT count(*) AS n FROM persons WHERE name NOT NULL GROUP BY name),
        bands AS (SELECT least(floor(log2(n)), 6)::INT AS b, sum(n) AS persons FROM same GROUP BY 1)
        SELECT ['1', '2–3', '4–7', '8–15', '16–31', '32–63', '64+'][b + 1], persons
        FROM bands ORDER BY b""", "columns", (), "shared"),
)  # fmt: skip

POLICIES = (
    _by("status", "policies", "policies", "status"),
    Question("line", "policies", frozenset(["policies", "products"]), """
        SELECT line, count(*) FROM policies JOIN products ON code = product_code
        GROUP BY 1 ORDER BY 2 DESC""", named="v"),
    Question("year", "policies", frozenset(["policies"]), """
        SELECT year(starts_on::DATE), count(*) FILTER (status = 'in_force'),
            count(*) FILTER (status <> 'in_force') FROM policies GROUP BY 1 ORDER BY 1""",
        "columns", ("in_force", "ended"), "year", stacked=True),
    Question("premium", "policies", frozenset(["policies"]), _amounts("premium", "policies"),
        "columns", (), "cny"),
    Question("premium_line", "premium", frozenset(["policies", "products"]), f"""
        SELECT line, round(sum(premium::DOUBLE) / 1e6, 2) FROM ({_IN_FORCE}) p JOIN products
        ON code = product_code WHERE frequency <> 'single' AND coalesce(currency, 'CNY') = 'CNY'
        GROUP BY 1 ORDER BY 2 DESC""", named="v"),
)  # fmt: skip

AGENTS = (
    _by("agent_status", "agents", "agents", "status"),
    _by("agent_kind", "agents", "agents", "kind"),
    Question("waves", "agents", frozenset(["agents"]), """
        SELECT y, count(*) FILTER (h), count(*) FILTER (NOT h) FROM (
            SELECT year(hired_on::DATE) AS y, true AS h FROM agents UNION ALL
            SELECT year(departed_on::DATE), false FROM agents WHERE departed_on NOT NULL)
        WHERE y NOT NULL GROUP BY 1 ORDER BY 1""", "columns", ("hired", "departed"), "year"),
    Question("load", "agents", frozenset(["agents", "policies"]), f"""
        WITH served AS (SELECT least(floor(log2(count(*))), 11)::INT AS b
            FROM ({_IN_FORCE}) WHERE served_by IN (SELECT id FROM agents) GROUP BY served_by)
        SELECT CASE b WHEN 0 THEN '1' ELSE pow(2, b)::INT || '–' || (pow(2, b + 1) - 1)::INT END,
            count(*)
        FROM served GROUP BY b ORDER BY b""", "columns", (), "load"),
)  # fmt: skip

CLAIMS = (
    _by("cause", "claims", "claims", "cause", "cause"),
    Question("amount", "claims", frozenset(["claims"]), _amounts("amount_claimed", "claims"),
        "columns", (), "cny"),
    Question("month", "claims", frozenset(["claims"]), """
        SELECT strftime(m, '%Y-%m'), count(*) FROM (
            SELECT date_trunc('month', loss_on::DATE) AS m FROM claims)
        WHERE m > (SELECT max(loss_on::DATE) FROM claims) - INTERVAL 61 MONTH
        GROUP BY m ORDER BY m""", "line", (), "month"),
    _by("claim_status", "claims", "claims", "status"),
    _by("finding", "claims", "claims", "finding"),
)  # fmt: skip

DEALINGS = (
    _by("topic", "contacts", "contacts", "topic"),
    Question("tree", "trees", frozenset(["truth/chains"]), """
        SELECT ['2–3', '4–7', '8–15', '16–31', '32–63', '64–127', '128–255', '256+'][b], count(*)
        FROM (SELECT least(floor(log2(size::INT)), 8)::INT AS b FROM "truth/chains")
        GROUP BY b ORDER BY b""", "columns", (), "tree"),
)  # fmt: skip


def _groups(name: str, unit: str, table: str, member: str) -> Question:
    """Ask how many groups, or agents, the truth has of each kind."""
    sql = f"""SELECT kind, count(DISTINCT {member}) FROM "{table}"
        GROUP BY 1 ORDER BY 2 DESC, 1"""
    return Question(name, unit, frozenset([table]), sql, named="v")


PLANTS = (
    Question("duplicate", "persons", frozenset(["truth/persons"]), """
        SELECT n, count(*) FROM (SELECT count(*) AS n FROM "truth/persons" GROUP BY entity_id)
        WHERE n > 1 GROUP BY 1 ORDER BY 1""", "columns", (), "entries"),
    _by("error", "records", "truth/errors", "kind", "error"),
    _by("orphan", "policies", "truth/orphans", "reason"),
    _groups("ring", "groups", "truth/rings", "ring_id"),
    _groups("look_alike", "groups", "truth/look_alikes", "ring_id"),
    _groups("conduct", "sellers", "truth/conduct", "agent_id"),
    _by("conflict", "policies", "truth/service_conflicts", "kind"),
)  # fmt: skip
