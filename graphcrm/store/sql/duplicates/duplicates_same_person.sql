-- name: duplicates_same_person
-- purpose: Persons of one name and birth date who share a phone, address, account or e-mail.
-- public: yes
-- column: evidence text | what they have in common
-- column: label text | Person
-- column: id text | the person
-- column: name text | the name as recorded
WITH same AS MATERIALIZED (
    SELECT name_key, birth_date FROM person
    WHERE name_key IS NOT NULL AND birth_date IS NOT NULL AND deleted_on IS NULL
    GROUP BY name_key, birth_date HAVING count(*) > 1
),
candidate AS MATERIALIZED (
    SELECT p.key, p.id, p.name, p.name_key, p.birth_date
    FROM same s CROSS JOIN person p ON p.name_key = s.name_key AND p.birth_date = s.birth_date
    WHERE p.deleted_on IS NULL
),
held AS MATERIALIZED (
    SELECT c.key, c.name_key, c.birth_date, h.dst, 'phone' AS what
    FROM candidate c CROSS JOIN has_phone h ON h.src = c.key WHERE h.closed IS NULL
    UNION SELECT c.key, c.name_key, c.birth_date, h.dst, 'address'
    FROM candidate c CROSS JOIN has_address h ON h.src = c.key WHERE h.closed IS NULL
    UNION SELECT c.key, c.name_key, c.birth_date, h.dst, 'account'
    FROM candidate c CROSS JOIN has_account h ON h.src = c.key WHERE h.closed IS NULL
    UNION SELECT c.key, c.name_key, c.birth_date, h.dst, 'e-mail'
    FROM candidate c CROSS JOIN has_email h ON h.src = c.key WHERE h.closed IS NULL
),
met AS MATERIALIZED (
    SELECT name_key, birth_date, dst, what FROM held
    GROUP BY name_key, birth_date, dst, what HAVING count(*) > 1
)
SELECT m.name_key || ' ' || m.birth_date || ', same ' || m.what
       || ' (' || row_number() OVER (PARTITION BY m.name_key, m.birth_date, m.what, h.key
                                     ORDER BY m.dst) || ')' AS evidence,
       'Person' AS label, c.id, c.name
FROM met m
JOIN held h ON h.name_key = m.name_key AND h.birth_date = m.birth_date AND h.dst = m.dst
JOIN candidate c ON c.key = h.key
ORDER BY evidence, c.key
