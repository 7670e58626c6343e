-- name: duplicates_five_fields
-- purpose: Persons equal in name, sex, birth date, ID type and ID number, as insurers usually check.
-- purpose.zh: 姓名、性别、出生日期、证件类型、证件号码五要素一致的个人（保险公司常用的核对）。
-- public: yes
-- column: evidence text = personal | the five values they have in common; one text per group
-- column: label text | Person
-- column: id text = {label}.id | the person
-- column: name text = {label}.title | the name as recorded
WITH same AS MATERIALIZED (
    -- equal names have equal keys (or none): the index on the keys leaves few to compare in full
    SELECT name_key, birth_date FROM person
    WHERE birth_date IS NOT NULL AND deleted_on IS NULL
    GROUP BY name_key, birth_date HAVING count(*) > 1
),
candidate AS MATERIALIZED (
    SELECT p.id, p.name, p.sex, p.birth_date, p.id_type, p.id_number
    FROM same s CROSS JOIN person p
        ON p.name_key IS s.name_key AND p.birth_date = s.birth_date AND p.deleted_on IS NULL
    WHERE p.name IS NOT NULL AND p.sex IS NOT NULL AND p.id_type IS NOT NULL
      AND p.id_number IS NOT NULL
),
counted AS (
    SELECT *, count(*) OVER (PARTITION BY name, sex, birth_date, id_type, id_number) AS n
    FROM candidate
)
SELECT name || ', ' || sex || ', ' || birth_date || ', ' || id_type || ' ' || id_number AS evidence,
       'Person' AS label, id, name
FROM counted WHERE n > 1
ORDER BY evidence, id
