-- name: customer_ties
-- purpose: What ties a customer to others: identifiers and who shares them, family, employer, referrals.
-- purpose.zh: 客户与他人的关联：电话、地址等标识及共用者、亲属、任职单位、转介绍。
-- public: yes
-- parameter: label text = Person | the customer's label: Person, Institution or Department
-- parameter: id text | the customer's id
-- column: tie text | HAS_PHONE, HAS_ADDRESS, …, RELATED_TO, WORKS_AT, REFERRED, REFERRED_BY
-- column: label text | label of the other end
-- column: id text = {label}.id | id of the other end
-- column: name text = {label}.title | its name or value
-- column: detail text = personal | what the other is to the customer, or the kind of identifier
-- column: shared_with integer = company | for identifiers: how many others have it
WITH customer AS (
    SELECT key FROM person WHERE id = :id AND :label = 'Person'
    UNION ALL SELECT key FROM institution WHERE id = :id AND :label = 'Institution'
    UNION ALL SELECT key FROM department WHERE id = :id AND :label = 'Department'
)
SELECT 'HAS_PHONE' AS tie, 'Phone' AS label, n.id, n.value AS name, n.kind AS detail, (
    SELECT count(DISTINCT o.src) - 1 FROM has_phone o WHERE o.dst = n.key AND o.closed IS NULL
) AS shared_with
FROM phone n
WHERE n.key IN (SELECT dst FROM has_phone WHERE src IN (SELECT key FROM customer) AND closed IS NULL)
UNION ALL SELECT 'HAS_ADDRESS', 'Address', n.id, n.value, n.region_code, (
    SELECT count(DISTINCT o.src) - 1 FROM has_address o WHERE o.dst = n.key AND o.closed IS NULL
)
FROM address n
WHERE n.key IN (SELECT dst FROM has_address WHERE src IN (SELECT key FROM customer) AND closed IS NULL)
UNION ALL SELECT 'HAS_EMAIL', 'Email', n.id, n.value, NULL, (
    SELECT count(DISTINCT o.src) - 1 FROM has_email o WHERE o.dst = n.key AND o.closed IS NULL
)
FROM email n
WHERE n.key IN (SELECT dst FROM has_email WHERE src IN (SELECT key FROM customer) AND closed IS NULL)
UNION ALL SELECT 'HAS_ACCOUNT', 'Account', n.id, n.value, NULL, (
    SELECT count(DISTINCT o.src) - 1 FROM has_account o WHERE o.dst = n.key AND o.closed IS NULL
)
FROM account n
WHERE n.key IN (SELECT dst FROM has_account WHERE src IN (SELECT key FROM customer) AND closed IS NULL)
UNION ALL SELECT 'HAS_DOCUMENT', 'Document', n.id, n.value, n.kind, (
    SELECT count(DISTINCT o.src) - 1 FROM has_document o WHERE o.dst = n.key AND o.closed IS NULL
)
FROM document n
WHERE n.key IN (SELECT dst FROM has_document WHERE src IN (SELECT key FROM customer) AND closed IS NULL)
UNION ALL SELECT 'SHARES_DOCUMENT', 'Person', n.id, n.name, n.birth_date, NULL
FROM person n
WHERE n.deleted_on IS NULL AND n.key NOT IN (SELECT key FROM customer) AND n.key IN (
    SELECT src FROM has_document WHERE closed IS NULL AND dst IN (
        SELECT dst FROM has_document WHERE src IN (SELECT key FROM customer) AND closed IS NULL
    )
)
UNION ALL SELECT 'OWNS', 'Vehicle', n.id, n.plate, n.model, NULL
FROM vehicle n
WHERE n.deleted_on IS NULL AND n.key IN (
    SELECT dst FROM owns WHERE src IN (SELECT key FROM customer) AND closed IS NULL
)
UNION ALL SELECT 'RELATED_TO', 'Person', n.id, n.name,
       CASE e.kind WHEN 'parent' THEN 'child' WHEN 'child' THEN 'parent' ELSE e.kind END, NULL
FROM related_to e CROSS JOIN person n
WHERE e.src IN (SELECT key FROM customer) AND e.closed IS NULL
  AND n.key = e.dst AND n.deleted_on IS NULL
UNION ALL SELECT 'RELATED_TO', 'Person', n.id, n.name, e.kind, NULL
FROM related_to e CROSS JOIN person n
WHERE e.dst IN (SELECT key FROM customer) AND e.closed IS NULL
  AND n.key = e.src AND n.deleted_on IS NULL
UNION ALL SELECT 'WORKS_AT', 'Institution', n.id, n.name, n.kind, NULL
FROM works_at e LEFT JOIN institution n ON n.key = e.dst
WHERE e.src IN (SELECT key FROM customer) AND e.closed IS NULL AND n.deleted_on IS NULL
UNION ALL SELECT 'REFERRED', 'Person', n.id, n.name, e.referred_on, NULL
FROM referred e CROSS JOIN person n
WHERE e.src IN (SELECT key FROM customer) AND e.closed IS NULL
  AND n.key = e.dst AND n.deleted_on IS NULL
UNION ALL SELECT 'REFERRED', 'Institution', n.id, n.name, e.referred_on, NULL
FROM referred e CROSS JOIN institution n
WHERE e.src IN (SELECT key FROM customer) AND e.closed IS NULL
  AND n.key = e.dst AND n.deleted_on IS NULL
UNION ALL SELECT 'REFERRED', 'Department', n.id, n.name, e.referred_on, NULL
FROM referred e CROSS JOIN department n
WHERE e.src IN (SELECT key FROM customer) AND e.closed IS NULL
  AND n.key = e.dst AND n.deleted_on IS NULL
UNION ALL SELECT 'REFERRED_BY', 'Person', n.id, n.name, e.referred_on, NULL
FROM referred e CROSS JOIN person n
WHERE e.dst IN (SELECT key FROM customer) AND e.closed IS NULL
  AND n.key = e.src AND n.deleted_on IS NULL
UNION ALL SELECT 'REFERRED_BY', 'Institution', n.id, n.name, e.referred_on, NULL
FROM referred e CROSS JOIN institution n
WHERE e.dst IN (SELECT key FROM customer) AND e.closed IS NULL
  AND n.key = e.src AND n.deleted_on IS NULL
UNION ALL SELECT 'REFERRED_BY', 'Department', n.id, n.name, e.referred_on, NULL
FROM referred e CROSS JOIN department n
WHERE e.dst IN (SELECT key FROM customer) AND e.closed IS NULL
  AND n.key = e.src AND n.deleted_on IS NULL
ORDER BY 1, 4, 3, 2, 5
