// name: referral_chain
// purpose: Everyone whom a customer brought, directly or through others, and over how many steps.
// purpose.zh: 某位客户直接或间接转介绍来的所有客户及其间隔的步数。
// public: yes
// way: referrer_id
// parameter: label text = Person | the customer's label: Person, Institution or Department
// parameter: id text | the customer's id
// column: steps integer | the least number of referrals from the customer to the one who was brought
// column: label text | label of the one who was brought
// column: id text = {label}.id | id of the one who was brought
// column: name text = {label}.title | name of the one who was brought
// column: referrer_label text | label of who brought them: of those one step nearer the first by label and id
// column: referrer_id text = {referrer_label}.id | id of that referrer
// column: referrer_name text = {referrer_label}.title | name of that referrer
// column: referred_on date | the first day on which that referrer brought them
MATCH (start:Person|Institution|Department {id: $id})
WHERE $label IN labels(start) AND start.deleted_on IS NULL
// the least length of all ways to a customer is found breadth first, each customer once
MATCH way = (start)-[:REFERRED*0..]->(referrer)
WHERE all(e IN relationships(way) WHERE e.closed IS NULL)
  AND all(n IN nodes(way) WHERE n.deleted_on IS NULL)
WITH start, referrer, min(length(way)) + 1 AS steps
MATCH (referrer)-[r:REFERRED]->(brought)
WHERE r.closed IS NULL AND brought.deleted_on IS NULL AND brought <> start
WITH brought, referrer, steps, head(labels(referrer)) AS referrer_label, r.referred_on AS referred_on
ORDER BY steps, referrer_label, referrer.id, coalesce(referred_on, '9999')
WITH brought, head(collect({
    steps: steps, label: referrer_label, node: referrer, referred_on: referred_on
})) AS nearest
RETURN nearest.steps AS steps, head(labels(brought)) AS label, brought.id AS id,
       brought.name AS name, nearest.label AS referrer_label, nearest.node.id AS referrer_id,
       nearest.node.name AS referrer_name, nearest.referred_on AS referred_on
ORDER BY steps, label, id
