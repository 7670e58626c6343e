-- name: duplicates_same_institution
-- purpose: Institutions of one credit code, or of one core name in one region.
-- public: yes
-- column: evidence text | what they have in common
-- column: label text | Institution
-- column: id text | the institution
-- column: name text | the name as recorded
WITH shared AS MATERIALIZED (
    SELECT h.dst FROM has_document h JOIN institution i ON i.key = h.src
    WHERE h.closed IS NULL AND i.deleted_on IS NULL GROUP BY h.dst HAVING count(*) > 1
),
core AS MATERIALIZED (
    SELECT core_name, core_region FROM institution
    WHERE core_name IS NOT NULL AND core_region IS NOT NULL AND deleted_on IS NULL
    GROUP BY core_name, core_region HAVING count(*) > 1
)
SELECT 'credit code ' || d.value AS evidence, 'Institution' AS label, i.id, i.name
FROM shared s
JOIN has_document h ON h.dst = s.dst AND h.closed IS NULL
JOIN institution i ON i.key = h.src AND i.deleted_on IS NULL
JOIN document d ON d.key = s.dst
UNION ALL
SELECT 'core name ' || c.core_name || ' in region ' || c.core_region, 'Institution', i.id, i.name
FROM core c JOIN institution i ON i.core_name = c.core_name AND i.core_region = c.core_region
WHERE i.deleted_on IS NULL
ORDER BY 1, 3
