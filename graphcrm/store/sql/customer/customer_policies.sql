-- name: customer_policies
-- purpose: The policies a customer holds or has a role in, those in force first.
-- purpose.zh: 客户投保或担任其他角色的保单，有效保单在前。
-- public: yes
-- parameter: label text = Person | the customer's label: Person, Institution or Department
-- parameter: id text | the customer's id
-- column: policy_id text = Policy.id | the policy
-- column: role text | holder, insured, beneficiary or payer
-- column: product text | the product's name
-- column: line text | the product's line
-- column: status text | the policy's status
-- column: premium amount | premium per year, of a single premium the whole, in the policy's currency
-- column: frequency text | how often premium falls due
-- column: currency text | the policy's currency
-- column: issued_on date | the day it was issued
-- column: agent_id text = Agent.id | the agent who serves it
-- column: agent_name text = Agent.name | the agent's name
-- column: agent_status text | the agent's status
WITH customer AS (
    SELECT key FROM person WHERE id = :id AND :label = 'Person'
    UNION ALL SELECT key FROM institution WHERE id = :id AND :label = 'Institution'
    UNION ALL SELECT key FROM department WHERE id = :id AND :label = 'Department'
),
part AS MATERIALIZED (
    SELECT dst AS policy, 'holder' AS role FROM holds
    WHERE src IN (SELECT key FROM customer) AND closed IS NULL
    UNION SELECT dst, 'insured' FROM insured_under
    WHERE src IN (SELECT key FROM customer) AND closed IS NULL
    UNION SELECT dst, 'beneficiary' FROM benefits_from
    WHERE src IN (SELECT key FROM customer) AND closed IS NULL
    UNION SELECT dst, 'payer' FROM pays_for
    WHERE src IN (SELECT key FROM customer) AND closed IS NULL
)
SELECT p.id AS policy_id,
       (SELECT group_concat(role, ', ') FROM (
           SELECT x.role FROM part x WHERE x.policy = p.key ORDER BY x.role
       )) AS role,
       d.name AS product, d.line, p.status, p.premium, p.frequency, coalesce(p.currency, 'CNY') AS currency,
       p.issued_on, a.id AS agent_id, a.name AS agent_name, a.status AS agent_status
FROM policy p
LEFT JOIN of_product o ON o.src = p.key AND o.closed IS NULL
LEFT JOIN product d ON d.key = o.dst
LEFT JOIN agent a ON a.key = (
    SELECT s.src FROM serves s JOIN agent g ON g.key = s.src
    WHERE s.dst = p.key AND s.closed IS NULL
      AND coalesce(s.valid_from, '') <= date('now') AND coalesce(s.valid_to, '9999') >= date('now')
    ORDER BY s.valid_from IS NOT NULL, s.valid_from DESC, g.id LIMIT 1
)
WHERE p.key IN (SELECT policy FROM part) AND p.deleted_on IS NULL
ORDER BY p.status <> 'in_force', p.issued_on DESC, p.id, d.name
