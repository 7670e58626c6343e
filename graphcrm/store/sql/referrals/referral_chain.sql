-- name: referral_chain
-- purpose: Everyone whom a customer brought, directly or through others, and over how many steps.
-- purpose.zh: 某位客户直接或间接转介绍来的所有客户及其间隔的步数。
-- public: yes
-- way: referrer_id
-- parameter: label text = Person | the customer's label: Person, Institution or Department
-- parameter: id text | the customer's id
-- column: steps integer | the least number of referrals from the customer to the one who was brought
-- column: label text | label of the one who was brought
-- column: id text = {label}.id | id of the one who was brought
-- column: name text = {label}.title | name of the one who was brought
-- column: referrer_label text | label of who brought them: of those one step nearer the first by label and id
-- column: referrer_id text = {referrer_label}.id | id of that referrer
-- column: referrer_name text = {referrer_label}.title | name of that referrer
-- column: referred_on date | the first day on which that referrer brought them
WITH RECURSIVE
start AS (
    SELECT key FROM person WHERE id = :id AND :label = 'Person' AND deleted_on IS NULL
    UNION ALL SELECT key FROM institution
    WHERE id = :id AND :label = 'Institution' AND deleted_on IS NULL
    UNION ALL SELECT key FROM department
    WHERE id = :id AND :label = 'Department' AND deleted_on IS NULL
),
reached (key, hundreds, rest) AS (
    -- Steps are counted in blanks, which RTRIM compares as equal: UNION thus takes each customer
    -- once, the nearest first, and neither loops nor the number of ways there matter.
    SELECT key, '' COLLATE RTRIM, '' COLLATE RTRIM FROM start
    UNION
    SELECT r.dst, CASE WHEN length(c.rest) = 99 THEN c.hundreds || ' ' ELSE c.hundreds END,
           CASE WHEN length(c.rest) = 99 THEN '' ELSE c.rest || ' ' END
    -- BETWEEN, as for = a filter of all referrals would be made
    FROM reached c CROSS JOIN referred r ON r.src BETWEEN c.key AND c.key
    WHERE r.closed IS NULL AND (
        EXISTS (SELECT 1 FROM person WHERE key = r.dst AND deleted_on IS NULL)
        OR EXISTS (SELECT 1 FROM institution WHERE key = r.dst AND deleted_on IS NULL)
        OR EXISTS (SELECT 1 FROM department WHERE key = r.dst AND deleted_on IS NULL)
    )
    ORDER BY 2 COLLATE BINARY, 3 COLLATE BINARY
),
ways AS (
    SELECT r.dst, c.steps + 1 AS steps, CASE WHEN n.key IS NOT NULL THEN 'Person'
               WHEN i.key IS NOT NULL THEN 'Institution' ELSE 'Department' END AS label,
           coalesce(n.id, i.id, d.id) AS id, coalesce(n.name, i.name, d.name) AS name, r.referred_on
    FROM (SELECT key, 100 * length(hundreds) + length(rest) AS steps FROM reached) c
    CROSS JOIN referred r ON r.src BETWEEN c.key AND c.key
    LEFT JOIN person n ON n.key = c.key
    LEFT JOIN institution i ON i.key = c.key
    LEFT JOIN department d ON d.key = c.key
    WHERE r.closed IS NULL AND r.dst NOT IN (SELECT key FROM start)
),
shortest AS (
    SELECT *, row_number() OVER (
        PARTITION BY dst ORDER BY steps, label, id, referred_on IS NULL, referred_on
    ) AS place
    FROM ways
)
SELECT w.steps, CASE WHEN n.key IS NOT NULL THEN 'Person' WHEN i.key IS NOT NULL THEN 'Institution'
                     ELSE 'Department' END AS label,
       coalesce(n.id, i.id, d.id) AS id, coalesce(n.name, i.name, d.name) AS name,
       w.label AS referrer_label, w.id AS referrer_id, w.name AS referrer_name, w.referred_on
FROM shortest w
LEFT JOIN person n ON n.key = w.dst AND n.deleted_on IS NULL
LEFT JOIN institution i ON i.key = w.dst AND i.deleted_on IS NULL
LEFT JOIN department d ON d.key = w.dst AND d.deleted_on IS NULL
WHERE w.place = 1 AND coalesce(n.key, i.key, d.key) IS NOT NULL
ORDER BY w.steps, label, id
