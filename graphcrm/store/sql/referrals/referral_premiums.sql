-- name: referral_premiums
-- purpose: Premium per year in force of every customer who was brought by another.
-- public: yes
-- column: label text | the customer's label
-- column: id text | the customer's id
-- column: currency text | the currency of the premium
-- column: policies integer | policies in force
-- column: premium amount | their premium per year
WITH brought AS MATERIALIZED (SELECT DISTINCT dst AS key FROM referred WHERE closed IS NULL),
party AS (
    SELECT key, 'Person' AS label, id FROM person
    UNION ALL SELECT key, 'Institution', id FROM institution
    UNION ALL SELECT key, 'Department', id FROM department
)
SELECT c.label, c.id, coalesce(p.currency, 'CNY') AS currency, count(*) AS policies,
       round(sum(p.premium), 2) AS premium
FROM brought b
JOIN party c ON c.key = b.key
JOIN holds h ON h.src = b.key AND h.closed IS NULL
JOIN policy p ON p.key = h.dst
WHERE p.status = 'in_force' AND p.deleted_on IS NULL
GROUP BY c.label, c.id, coalesce(p.currency, 'CNY')
ORDER BY c.label, c.id, currency
