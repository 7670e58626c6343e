// name: duplicates_same_institution
// purpose: Institutions of one credit code, or of one core name in one region.
// purpose.zh: 统一社会信用代码相同，或同一地区字号相同的机构。
// public: yes
// column: evidence text = personal | the code, or the core name and region, they share; one text per group
// column: label text | Institution
// column: id text = {label}.id | the institution
// column: name text = {label}.title | the name as recorded
CALL () {
    MATCH (i:Institution)-[h:HAS_DOCUMENT]->(d:Document)
    WHERE h.closed IS NULL AND i.deleted_on IS NULL
    RETURN 'credit code ' + d.value AS evidence, collect(DISTINCT i) AS institutions
    UNION ALL
    MATCH (i:Institution)
    WHERE i.core_name IS NOT NULL AND i.core_region IS NOT NULL AND i.deleted_on IS NULL
    RETURN 'core name ' + i.core_name + ' in region ' + i.core_region AS evidence,
           collect(i) AS institutions
}
WITH evidence, institutions WHERE size(institutions) > 1
UNWIND institutions AS institution
RETURN evidence, 'Institution' AS label, institution.id AS id, institution.name AS name
ORDER BY evidence, id
