// name: duplicates_same_document
// purpose: Persons who share a valid identity document, in whatever form it was written.
// purpose.zh: 有效证件相同的个人，不论证件号的写法。
// public: yes
// column: evidence text = personal | the document they have in common; one text per group
// column: label text | Person
// column: id text = {label}.id | the person
// column: name text = {label}.title | the name as recorded
MATCH (d:Document) WHERE COUNT { (d)<-[:HAS_DOCUMENT]-() } > 1
// an institution's credit code is a document too, and records may have been closed since
MATCH (d)<-[h:HAS_DOCUMENT]-(p:Person) WHERE h.closed IS NULL AND p.deleted_on IS NULL
WITH d, collect(DISTINCT p) AS persons
WHERE size(persons) > 1
UNWIND persons AS person
RETURN coalesce(d.kind, 'document') + ' ' + d.value AS evidence, 'Person' AS label,
       person.id AS id, person.name AS name
ORDER BY evidence, id
