// name: customer_ties
// purpose: What ties a customer to others: identifiers and who shares them, family, employer, referrals.
// purpose.zh: 客户与他人的关联：电话、地址等标识及共用者、亲属、任职单位、转介绍。
// public: yes
// parameter: label text = Person | the customer's label: Person, Institution or Department
// parameter: id text | the customer's id
// column: tie text | HAS_PHONE, HAS_ADDRESS, …, RELATED_TO, WORKS_AT, REFERRED, REFERRED_BY
// column: label text | label of the other end
// column: id text = {label}.id | id of the other end
// column: name text = {label}.title | its name or value
// column: detail text = personal | what the other is to the customer, or the kind of identifier
// column: shared_with integer = company | for identifiers: how many others have it
MATCH (customer:Person|Institution|Department {id: $id}) WHERE $label IN labels(customer)
CALL (customer) {
    MATCH (customer)-[e:HAS_PHONE|HAS_ADDRESS|HAS_EMAIL|HAS_ACCOUNT|HAS_DOCUMENT]->(other)
    WHERE e.closed IS NULL
    WITH DISTINCT type(e) AS tie, other
    RETURN tie, other, other.value AS name,
           CASE WHEN other:Address THEN other.region_code ELSE other.kind END AS detail,
           COUNT {
               MATCH (other)<-[o:HAS_PHONE|HAS_ADDRESS|HAS_EMAIL|HAS_ACCOUNT|HAS_DOCUMENT]-(sharer)
               WHERE o.closed IS NULL
               RETURN DISTINCT sharer
           } - 1 AS shared_with
    UNION ALL
    MATCH (customer)-[e:HAS_DOCUMENT]->(:Document)<-[o:HAS_DOCUMENT]-(other:Person)
    WHERE e.closed IS NULL AND o.closed IS NULL AND other <> customer AND other.deleted_on IS NULL
    RETURN DISTINCT 'SHARES_DOCUMENT' AS tie, other, other.name AS name,
           other.birth_date AS detail, null AS shared_with
    UNION ALL
    MATCH (customer)-[e:OWNS]->(other:Vehicle)
    WHERE e.closed IS NULL AND other.deleted_on IS NULL
    RETURN DISTINCT 'OWNS' AS tie, other, other.plate AS name, other.model AS detail,
           null AS shared_with
    UNION ALL
    MATCH (customer)-[e:RELATED_TO]->(other:Person)
    WHERE e.closed IS NULL AND other.deleted_on IS NULL
    RETURN 'RELATED_TO' AS tie, other, other.name AS name,
           CASE e.kind WHEN 'parent' THEN 'child' WHEN 'child' THEN 'parent' ELSE e.kind END
               AS detail,
           null AS shared_with
    UNION ALL
    MATCH (customer)<-[e:RELATED_TO]-(other:Person)
    WHERE e.closed IS NULL AND other.deleted_on IS NULL
    RETURN 'RELATED_TO' AS tie, other, other.name AS name, e.kind AS detail, null AS shared_with
    UNION ALL
    MATCH (customer)-[e:WORKS_AT]->(other:Institution)
    WHERE e.closed IS NULL AND other.deleted_on IS NULL
    RETURN 'WORKS_AT' AS tie, other, other.name AS name, other.kind AS detail, null AS shared_with
    UNION ALL
    MATCH (customer)-[e:REFERRED]->(other)
    WHERE e.closed IS NULL AND other.deleted_on IS NULL
    RETURN 'REFERRED' AS tie, other, other.name AS name, e.referred_on AS detail,
           null AS shared_with
    UNION ALL
    MATCH (customer)<-[e:REFERRED]-(other)
    WHERE e.closed IS NULL AND other.deleted_on IS NULL
    RETURN 'REFERRED_BY' AS tie, other, other.name AS name, e.referred_on AS detail,
           null AS shared_with
}
RETURN tie, head(labels(other)) AS label, other.id AS id, name, detail, shared_with
ORDER BY tie, coalesce(name, ''), id, label, coalesce(detail, '')
