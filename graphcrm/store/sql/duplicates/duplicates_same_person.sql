-- name: duplicates_same_person
-- purpose: Persons of one name and birth date who share a phone, address, account or e-mail.
-- purpose.zh: 姓名和出生日期相同，且共用电话、地址、账户或电子邮箱的个人。
-- public: yes
-- column: evidence text = personal | the value they share, their name and birth date; one text per group
-- column: label text | Person
-- column: id text = {label}.id | the person
-- column: name text = {label}.title | the name as recorded
WITH same AS MATERIALIZED (
    SELECT name_key, birth_date FROM person
    WHERE name_key IS NOT NULL AND birth_date IS NOT NULL AND deleted_on IS NULL
    GROUP BY name_key, birth_date HAVING count(*) > 1
),
candidate AS MATERIALIZED (
    SELECT p.key, p.id, p.name, p.name_key, p.birth_date
    FROM same s CROSS JOIN person p
        ON p.name_key = s.name_key AND p.birth_date = s.birth_date AND p.deleted_on IS NULL
),
held AS MATERIALIZED (
    SELECT c.key, c.name_key, c.birth_date, h.dst
    FROM candidate c CROSS JOIN has_phone h ON h.src = c.key WHERE h.closed IS NULL
    UNION SELECT c.key, c.name_key, c.birth_date, h.dst
    FROM candidate c CROSS JOIN has_address h ON h.src = c.key WHERE h.closed IS NULL
    UNION SELECT c.key, c.name_key, c.birth_date, h.dst
    FROM candidate c CROSS JOIN has_account h ON h.src = c.key WHERE h.closed IS NULL
    UNION SELECT c.key, c.name_key, c.birth_date, h.dst
    FROM candidate c CROSS JOIN has_email h ON h.src = c.key WHERE h.closed IS NULL
),
counted AS MATERIALIZED (
    SELECT *, count(*) OVER (PARTITION BY dst, name_key, birth_date) AS n FROM held
),
met AS MATERIALIZED (SELECT key, name_key, birth_date, dst FROM counted WHERE n > 1),
value AS MATERIALIZED (
    SELECT m.dst, coalesce('phone ' || f.value, 'address ' || a.value, 'account ' || b.value,
                           'e-mail ' || e.value) AS text
    FROM (SELECT DISTINCT dst FROM met) m
    LEFT JOIN phone f ON f.key = m.dst
    LEFT JOIN address a ON a.key = m.dst
    LEFT JOIN account b ON b.key = m.dst
    LEFT JOIN email e ON e.key = m.dst
)
SELECT v.text || ' of ' || m.name_key || ' ' || m.birth_date AS evidence, 'Person' AS label,
       p.id, p.name
FROM met m JOIN value v ON v.dst = m.dst CROSS JOIN person p ON p.key = m.key
ORDER BY evidence, p.id
