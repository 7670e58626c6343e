-- name: customer_claims
-- purpose: The claims under a customer's policies, and those the customer is involved in.
-- purpose.zh: 客户名下保单的赔案，以及客户作为相关方的赔案。
-- public: yes
-- parameter: label text = Person | the customer's label: Person, Institution or Department
-- parameter: id text | the customer's id
-- column: claim_id text = Claim.id | the claim
-- column: policy_id text = Policy.id | the policy
-- column: role text | holder, or the role in the claim
-- column: loss_on date | the day of the loss
-- column: status text | the claim's status
-- column: amount_claimed amount | amount claimed, in the policy's currency
-- column: amount_paid amount | amount paid, in the policy's currency
-- column: cause text = Claim.cause | cause of the loss
WITH customer AS (
    SELECT key FROM person WHERE id = :id AND :label = 'Person'
    UNION ALL SELECT key FROM institution WHERE id = :id AND :label = 'Institution'
    UNION ALL SELECT key FROM department WHERE id = :id AND :label = 'Department'
),
part AS MATERIALIZED (
    SELECT src AS claim, 'holder' AS role FROM claim_on
    WHERE dst IN (
        SELECT dst FROM holds WHERE src IN (SELECT key FROM customer) AND closed IS NULL
    ) AND closed IS NULL
    UNION SELECT dst, role FROM involved_in
    WHERE src IN (SELECT key FROM customer) AND closed IS NULL
)
SELECT l.id AS claim_id, p.id AS policy_id,
       (SELECT group_concat(role, ', ') FROM (
           SELECT x.role FROM part x WHERE x.claim = l.key ORDER BY x.role
       )) AS role,
       l.loss_on, l.status, l.amount_claimed, l.amount_paid, l.cause
FROM claim l
LEFT JOIN claim_on c ON c.src = l.key AND c.closed IS NULL
LEFT JOIN policy p ON p.key = c.dst
WHERE l.key IN (SELECT claim FROM part) AND l.deleted_on IS NULL
ORDER BY l.loss_on DESC, l.id, p.id
