-- name: customer_records
-- purpose: The records that are taken for the same customer, this one included.
-- purpose.zh: 归为同一客户的全部记录（含本记录）。
-- public: yes
-- parameter: label text = Person | label of a record or of the customer: Person, Institution, Department or Customer
-- parameter: id text | its id
-- column: label text | label of the record
-- column: id text = {label}.id | id of the record
-- column: name text = {label}.title | its name
-- column: customer_id text = Customer.id | the customer; empty where nobody has looked for duplicates yet
-- column: probability amount | how probable it is that the record belongs to the others (0 to 1)
WITH asked AS (
    SELECT key, 'Person' AS label, id, name FROM person WHERE id = :id AND :label = 'Person'
    UNION ALL
    SELECT key, 'Institution', id, name FROM institution WHERE id = :id AND :label = 'Institution'
    UNION ALL
    SELECT key, 'Department', id, name FROM department WHERE id = :id AND :label = 'Department'
),
meant AS (
    SELECT key FROM customer WHERE id = :id AND :label = 'Customer'
    UNION ALL
    SELECT dst FROM is_customer WHERE src IN (SELECT key FROM asked) AND closed IS NULL
)
SELECT 'Person' AS label, p.id, p.name, c.id AS customer_id, e.probability
FROM meant m
CROSS JOIN customer c ON c.key = m.key
CROSS JOIN is_customer e ON e.dst = c.key AND e.closed IS NULL
CROSS JOIN person p ON p.key = e.src
WHERE p.deleted_on IS NULL OR p.key IN (SELECT key FROM asked)
UNION ALL
SELECT label, id, name, NULL, NULL FROM asked WHERE NOT EXISTS (SELECT 1 FROM meant)
ORDER BY 2, 1
