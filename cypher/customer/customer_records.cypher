// name: customer_records
// purpose: The records that are taken for the same customer, this one included.
// purpose.zh: 归为同一客户的全部记录（含本记录）。
// public: yes
// parameter: label text = Person | label of a record or of the customer: Person, Institution, Department or Customer
// parameter: id text | its id
// column: label text | label of the record
// column: id text = {label}.id | id of the record
// column: name text = {label}.title | its name
// column: customer_id text = Customer.id | the customer; empty where nobody has looked for duplicates yet
// column: probability amount | how probable it is that the record belongs to the others (0 to 1)
CALL () {
    MATCH (customer:Customer {id: $id}) WHERE $label = 'Customer'
    MATCH (customer)<-[e:IS_CUSTOMER]-(record:Person) WHERE record.deleted_on IS NULL
    RETURN record, customer.id AS customer_id, e.probability AS probability
    UNION ALL
    MATCH (asked:Person {id: $id})-[:IS_CUSTOMER]->(customer:Customer) WHERE $label = 'Person'
    MATCH (customer)<-[e:IS_CUSTOMER]-(record:Person)
    WHERE record.deleted_on IS NULL OR record = asked
    RETURN record, customer.id AS customer_id, e.probability AS probability
    UNION ALL
    MATCH (record:Person|Institution|Department {id: $id})
    WHERE $label IN labels(record) AND NOT EXISTS { (record)-[:IS_CUSTOMER]->(:Customer) }
    RETURN record, null AS customer_id, null AS probability
}
RETURN head(labels(record)) AS label, record.id AS id, record.name AS name, customer_id, probability
ORDER BY id, label
