// name: customer_policies
// purpose: The policies a customer holds or has a role in, those in force first.
// purpose.zh: 客户投保或担任其他角色的保单，有效保单在前。
// public: yes
// parameter: label text = Person | the customer's label: Person, Institution or Department
// parameter: id text | the customer's id
// column: policy_id text = Policy.id | the policy
// column: role text | holder, insured, beneficiary or payer
// column: product text | the product's name
// column: line text | the product's line
// column: status text | the policy's status
// column: premium amount | premium per year, of a single premium the whole, in the policy's currency
// column: frequency text | how often premium falls due
// column: currency text | the policy's currency
// column: issued_on date | the day it was issued
// column: agent_id text = Agent.id | the agent who serves it
// column: agent_name text = Agent.name | the agent's name
// column: agent_status text | the agent's status
MATCH (customer:Person|Institution|Department {id: $id}) WHERE $label IN labels(customer)
MATCH (customer)-[e:HOLDS|INSURED_UNDER|BENEFITS_FROM|PAYS_FOR]->(policy:Policy)
WHERE e.closed IS NULL AND policy.deleted_on IS NULL
WITH DISTINCT policy,
     CASE type(e) WHEN 'HOLDS' THEN 'holder' WHEN 'INSURED_UNDER' THEN 'insured'
                  WHEN 'BENEFITS_FROM' THEN 'beneficiary' ELSE 'payer' END AS part
ORDER BY part
WITH policy, collect(part) AS parts, toString(date({timezone: 'UTC'})) AS today
CALL (policy, today) {
    OPTIONAL MATCH (policy)<-[s:SERVES]-(agent:Agent)
    WHERE s.closed IS NULL
      AND coalesce(s.valid_from, '') <= today AND coalesce(s.valid_to, '9999') >= today
    RETURN agent ORDER BY s.valid_from IS NOT NULL, s.valid_from DESC, agent.id LIMIT 1
}
OPTIONAL MATCH (policy)-[o:OF_PRODUCT]->(product:Product) WHERE o.closed IS NULL
RETURN policy.id AS policy_id,
       reduce(roles = head(parts), part IN tail(parts) | roles + ', ' + part) AS role,
       product.name AS product, product.line AS line, policy.status AS status,
       policy.premium AS premium, policy.frequency AS frequency,
       coalesce(policy.currency, 'CNY') AS currency, policy.issued_on AS issued_on,
       agent.id AS agent_id, agent.name AS agent_name, agent.status AS agent_status
ORDER BY status <> 'in_force', issued_on DESC, policy_id, product
