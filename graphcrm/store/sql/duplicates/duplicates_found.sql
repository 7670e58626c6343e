-- name: duplicates_found
-- purpose: The records of customers with several of them, as duplicates were found last.
-- purpose.zh: 最近一次查重所归并的、含多条记录的客户及其记录。
-- public: yes
-- column: label text | Person
-- column: id text = {label}.id | the record
-- column: name text = {label}.title | the name as recorded
-- column: birth_date date = {label}.birth_date | the date of birth as recorded
-- column: customer_id text = Customer.id | the customer
-- column: records integer = company | how many records the customer has
-- column: probability amount | how probable it is that the record belongs to the others (0 to 1)
WITH record AS MATERIALIZED (
    SELECT p.id, p.name, p.birth_date, c.id AS customer_id, e.probability,
           count(*) OVER (PARTITION BY c.key) AS records
    FROM customer c
    CROSS JOIN is_customer e ON e.dst = c.key AND e.closed IS NULL
    CROSS JOIN person p ON p.key = e.src AND p.deleted_on IS NULL
    WHERE c.records > 1
)
SELECT 'Person' AS label, id, name, birth_date, customer_id, records, probability
FROM record WHERE records > 1
ORDER BY customer_id, id
