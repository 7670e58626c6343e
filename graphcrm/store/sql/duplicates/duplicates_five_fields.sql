-- name: duplicates_five_fields
-- purpose: Persons equal in name, sex, birth date, ID type and ID number, as insurers usually check.
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
    SELECT p.* FROM same s CROSS JOIN person p
        ON p.name_key = s.name_key AND p.birth_date = s.birth_date
    WHERE p.deleted_on IS NULL AND p.sex IS NOT NULL AND p.id_type IS NOT NULL
      AND p.id_number IS NOT NULL
),
equal AS MATERIALIZED (
    SELECT name, sex, birth_date, id_type, id_number FROM candidate
    GROUP BY 1, 2, 3, 4, 5 HAVING count(*) > 1
)
SELECT c.name || ' ' || c.birth_date || ' ' || c.id_number AS evidence, 'Person' AS label, c.id,
       c.name
FROM equal e JOIN candidate c ON c.id_number = e.id_number AND c.name = e.name
    AND c.birth_date = e.birth_date AND c.sex = e.sex AND c.id_type = e.id_type
ORDER BY evidence, c.key
