-- name: referral_premiums
-- purpose: Premium per year in force of every customer who was brought by another.
-- purpose.zh: 每位被转介绍客户的有效保单年保费。
-- public: yes
-- column: label text | the customer's label
-- column: id text = {label}.id | the customer's id
-- column: currency text = company | the currency of the premium
-- column: policies integer = company | policies in force
-- column: premium amount = company | their premium per year; of a single premium the whole
WITH brought AS MATERIALIZED (SELECT DISTINCT dst AS key FROM referred WHERE closed IS NULL),
held AS MATERIALIZED (
    SELECT b.key, coalesce(p.currency, 'CNY') AS currency, count(*) AS policies,
           round(sum(p.premium), 2) AS premium
    FROM brought b
    CROSS JOIN holds h ON h.src = b.key AND h.closed IS NULL
    CROSS JOIN policy p ON p.key = h.dst
    WHERE p.status = 'in_force' AND p.deleted_on IS NULL
    GROUP BY b.key, coalesce(p.currency, 'CNY')
)
SELECT CASE WHEN n.key IS NOT NULL THEN 'Person' WHEN i.key IS NOT NULL THEN 'Institution'
            ELSE 'Department' END AS label,
       coalesce(n.id, i.id, d.id) AS id, e.currency, e.policies, e.premium
FROM held e
LEFT JOIN person n ON n.key = e.key AND n.deleted_on IS NULL
LEFT JOIN institution i ON i.key = e.key AND i.deleted_on IS NULL
LEFT JOIN department d ON d.key = e.key AND d.deleted_on IS NULL
WHERE coalesce(n.key, i.key, d.key) IS NOT NULL
ORDER BY label, id, e.currency
