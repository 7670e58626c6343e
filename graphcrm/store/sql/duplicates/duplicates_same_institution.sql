-- name: duplicates_same_institution
-- purpose: Institutions of one credit code, or of one core name in one region.
-- purpose.zh: 统一社会信用代码相同，或同一地区字号相同的机构。
-- public: yes
-- column: evidence text = personal | the code, or the core name and region, they share; one text per group
-- column: label text | Institution
-- column: id text = {label}.id | the institution
-- column: name text = {label}.title | the name as recorded
WITH trait AS MATERIALIZED (
    SELECT DISTINCT 'credit code ' || d.value AS evidence, i.id, i.name
    FROM institution i
    CROSS JOIN has_document h ON h.src = i.key AND h.closed IS NULL
    CROSS JOIN document d ON d.key = h.dst
    WHERE i.deleted_on IS NULL
    UNION ALL
    SELECT 'core name ' || core_name || ' in region ' || core_region, id, name
    FROM institution
    WHERE core_name IS NOT NULL AND core_region IS NOT NULL AND deleted_on IS NULL
),
counted AS (SELECT *, count(*) OVER (PARTITION BY evidence) AS n FROM trait)
SELECT evidence, 'Institution' AS label, id, name FROM counted WHERE n > 1
ORDER BY evidence, id
