-- name: duplicates_same_document
-- purpose: Persons who share a valid identity document, in whatever form it was written.
-- purpose.zh: 有效证件相同的个人，不论证件号的写法。
-- public: yes
-- column: evidence text = personal | the document they have in common; one text per group
-- column: label text | Person
-- column: id text = {label}.id | the person
-- column: name text = {label}.title | the name as recorded
WITH shared AS MATERIALIZED (
    SELECT h.dst FROM has_document h WHERE h.closed IS NULL GROUP BY h.dst HAVING count(*) > 1
),
holder AS MATERIALIZED (
    -- an institution's credit code is a document too, and records may have been closed since
    SELECT DISTINCT h.dst, p.id, p.name
    FROM shared s
    CROSS JOIN has_document h ON h.dst = s.dst AND h.closed IS NULL
    CROSS JOIN person p ON p.key = h.src AND p.deleted_on IS NULL
),
counted AS (SELECT *, count(*) OVER (PARTITION BY dst) AS n FROM holder)
SELECT coalesce(d.kind, 'document') || ' ' || d.value AS evidence, 'Person' AS label, c.id, c.name
FROM counted c JOIN document d ON d.key = c.dst
WHERE c.n > 1
ORDER BY evidence, c.id
