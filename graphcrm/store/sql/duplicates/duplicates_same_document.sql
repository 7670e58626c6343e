-- name: duplicates_same_document
-- purpose: Persons who share a valid identity document, in whatever form it was written.
-- public: yes
-- column: evidence text | what they have in common
-- column: label text | Person
-- column: id text | the person
-- column: name text | the name as recorded
WITH shared AS MATERIALIZED (
    SELECT h.dst FROM has_document h WHERE h.closed IS NULL GROUP BY h.dst HAVING count(*) > 1
)
SELECT coalesce(d.kind, 'document') || ' ' || d.value AS evidence, 'Person' AS label, p.id, p.name
FROM shared s
CROSS JOIN has_document h ON h.dst = s.dst AND h.closed IS NULL
CROSS JOIN person p ON p.key = h.src AND p.deleted_on IS NULL
CROSS JOIN document d ON d.key = s.dst
ORDER BY s.dst, p.key
