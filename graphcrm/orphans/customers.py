"""Orphan policies gathered by customer, the most urgent first."""

import pyarrow as pa

from graphcrm.duck import engine
from graphcrm.orphans.finding import REASONS

_PLACES = " ".join(f"WHEN '{reason}' THEN {place}" for place, reason in enumerate(REASONS))

_BY_CUSTOMER = f"""
WITH amount AS (
    SELECT customer_label, customer_id, currency, count(*) AS policies,
           round(coalesce(sum(premium_per_year), 0), 2) AS premium
    FROM orphan GROUP BY customer_label, customer_id, currency
),
placed AS (
    SELECT *, row_number() OVER (
        PARTITION BY customer_label, customer_id ORDER BY policies DESC, premium DESC, currency
    ) AS place
    FROM amount
),
main AS (SELECT * FROM placed WHERE place = 1),
other AS (
    SELECT customer_label, customer_id,
           string_agg(currency || ' ' || premium::DECIMAL(18, 2)::TEXT, '; ' ORDER BY place) AS text
    FROM placed WHERE place > 1 GROUP BY customer_label, customer_id
),
common AS (
    SELECT currency, row_number() OVER (ORDER BY count(*) DESC, currency) AS place
    FROM main GROUP BY currency
),
reason AS (
    SELECT customer_label, customer_id, string_agg(reason, ';' ORDER BY place) AS reasons
    FROM (SELECT DISTINCT customer_label, customer_id, reason, CASE reason {_PLACES} END AS place
          FROM orphan)
    GROUP BY customer_label, customer_id
),
customer AS (
    SELECT customer_label, customer_id, min(customer_name) AS customer_name,
           count(*) AS policies, min(next_due_on) AS next_due_on,
           sum(open_claims)::BIGINT AS open_claims, min(days_since_contact) AS days_since_contact
    FROM orphan GROUP BY customer_label, customer_id
)
SELECT c.customer_label, c.customer_id, c.customer_name, c.policies, r.reasons, m.premium,
       m.currency, o.text AS other_premiums, c.next_due_on, c.open_claims, c.days_since_contact
FROM customer c
JOIN reason r ON r.customer_label IS NOT DISTINCT FROM c.customer_label
    AND r.customer_id IS NOT DISTINCT FROM c.customer_id
JOIN main m ON m.customer_label IS NOT DISTINCT FROM c.customer_label
    AND m.customer_id IS NOT DISTINCT FROM c.customer_id
JOIN common k ON k.currency = m.currency
LEFT JOIN other o ON o.customer_label IS NOT DISTINCT FROM c.customer_label
    AND o.customer_id IS NOT DISTINCT FROM c.customer_id
ORDER BY k.place, m.premium DESC, c.next_due_on NULLS LAST, c.customer_label NULLS LAST,
         c.customer_id NULLS LAST
"""


def by_customer(table: pa.Table) -> pa.Table:
    """The answer of find_orphans gathered by policyholder: a row for each, the most urgent first.

    Columns: customer_label, customer_id, customer_name, policies, reasons (joined by `;`), premium
    (per year) and currency, other_premiums (text such as `USD 1200.00; HKD 80.00`, NULL where
    there is none), next_due_on (the earliest, ISO), open_claims, days_since_contact (the least;
    NULL = never).

    Premiums of different currencies are neither added nor compared: `currency` is that of most of
    the customer's orphan policies, the others stand in `other_premiums`; customers are sorted by
    premium, then by next_due_on, within a currency, the currency of most customers first. Policies
    whose holder is in no file are gathered under the id that their file names, without a label.
    """
    with engine() as work:
        work.register("orphan", table)
        return work.sql(_BY_CUSTOMER).to_arrow_table()
