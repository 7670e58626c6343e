// name: duplicates_same_person
// purpose: Persons of one name and birth date who share a phone, address, account or e-mail.
// purpose.zh: 姓名和出生日期相同，且共用电话、地址、账户或电子邮箱的个人。
// public: yes
// column: evidence text = personal | the value they share, their name and birth date; one text per group
// column: label text | Person
// column: id text = {label}.id | the person
// column: name text = {label}.title | the name as recorded
MATCH (p:Person)
WHERE p.name_key IS NOT NULL AND p.birth_date IS NOT NULL AND p.deleted_on IS NULL
WITH p.name_key AS name_key, p.birth_date AS birth_date, collect(p) AS namesakes
WHERE size(namesakes) > 1
UNWIND namesakes AS p
MATCH (p)-[h:HAS_PHONE|HAS_ADDRESS|HAS_ACCOUNT|HAS_EMAIL]->(v) WHERE h.closed IS NULL
WITH name_key, birth_date, v, collect(DISTINCT p) AS persons
WHERE size(persons) > 1
UNWIND persons AS person
RETURN CASE WHEN v:Phone THEN 'phone ' WHEN v:Address THEN 'address '
            WHEN v:Account THEN 'account ' ELSE 'e-mail ' END
       + v.value + ' of ' + name_key + ' ' + birth_date AS evidence,
       'Person' AS label, person.id AS id, person.name AS name
ORDER BY evidence, id
