// name: duplicates_found
// purpose: The records of customers with several of them, as duplicates were found last.
// purpose.zh: 最近一次查重所归并的、含多条记录的客户及其记录。
// public: yes
// column: label text | Person
// column: id text = {label}.id | the record
// column: name text = {label}.title | the name as recorded
// column: birth_date date = {label}.birth_date | the date of birth as recorded
// column: customer_id text = Customer.id | the customer
// column: records integer = company | how many records the customer has
// column: probability amount | how probable it is that the record belongs to the others (0 to 1)
MATCH (customer:Customer) WHERE customer.records > 1
MATCH (customer)<-[e:IS_CUSTOMER]-(record:Person) WHERE record.deleted_on IS NULL
WITH customer, collect([record, e.probability]) AS found
WHERE size(found) > 1
UNWIND found AS one
WITH customer, size(found) AS records, one[0] AS record, one[1] AS probability
RETURN 'Person' AS label, record.id AS id, record.name AS name, record.birth_date AS birth_date,
       customer.id AS customer_id, records, probability
ORDER BY customer_id, id
