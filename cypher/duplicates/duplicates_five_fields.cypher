// name: duplicates_five_fields
// purpose: Persons equal in name, sex, birth date, ID type and ID number, as insurers usually check.
// purpose.zh: 姓名、性别、出生日期、证件类型、证件号码五要素一致的个人（保险公司常用的核对）。
// public: yes
// column: evidence text = personal | the five values they have in common; one text per group
// column: label text | Person
// column: id text = {label}.id | the person
// column: name text = {label}.title | the name as recorded
CALL () {
    // equal names have equal keys, or none: the index on the keys leaves few to compare in full
    MATCH (p:Person) WHERE p.name_key IS NOT NULL AND p.birth_date IS NOT NULL
    WITH p.name_key AS name_key, p.birth_date AS birth_date, collect(p) AS persons
    WHERE size(persons) > 1
    UNWIND persons AS person
    RETURN person
    UNION ALL
    MATCH (person:Person) WHERE person.name_key IS NULL
    RETURN person
}
WITH person
WHERE person.deleted_on IS NULL AND person.birth_date IS NOT NULL AND person.name IS NOT NULL
  AND person.sex IS NOT NULL AND person.id_type IS NOT NULL AND person.id_number IS NOT NULL
WITH person.name AS name, person.sex AS sex, person.birth_date AS birth_date,
     person.id_type AS id_type, person.id_number AS id_number, collect(person) AS persons
WHERE size(persons) > 1
UNWIND persons AS person
RETURN name + ', ' + sex + ', ' + birth_date + ', ' + id_type + ' ' + id_number AS evidence,
       'Person' AS label, person.id AS id, person.name AS name
ORDER BY evidence, id
