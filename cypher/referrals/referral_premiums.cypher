// name: referral_premiums
// purpose: Premium per year in force of every customer who was brought by another.
// purpose.zh: 每位被转介绍客户的有效保单年保费。
// public: yes
// column: label text | the customer's label
// column: id text = {label}.id | the customer's id
// column: currency text = company | the currency of the premium
// column: policies integer = company | policies in force
// column: premium amount = company | their premium per year; of a single premium the whole
MATCH ()-[r:REFERRED]->(customer) WHERE r.closed IS NULL AND customer.deleted_on IS NULL
WITH DISTINCT customer
MATCH (customer)-[h:HOLDS]->(p:Policy)
WHERE h.closed IS NULL AND p.status = 'in_force' AND p.deleted_on IS NULL
WITH customer, coalesce(p.currency, 'CNY') AS currency, count(*) AS policies,
     round(sum(p.premium), 2) AS premium
RETURN head(labels(customer)) AS label, customer.id AS id, currency, policies, premium
ORDER BY label, id, currency
