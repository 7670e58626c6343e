-- name: customer_claims
-- purpose: The claims under a customer's policies, and those the customer is involved in.
-- public: yes
-- parameter: label text = Person | the customer's label: Person, Institution or Department
-- parameter: id text | the customer's id
-- column: claim_id text | the claim
-- column: policy_id text | the policy
-- column: role text | holder, or the role in the claim
-- column: loss_on date | the day of the loss
-- column: status text | the claim's status
-- column: amount_claimed amount | amount claimed, in the policy's currency
-- column: amount_paid amount | amount paid, in the policy's currency
-- column: cause text | cause of the loss
WITH customer AS (
    SELECT key FROM person WHERE id = :id AND :label = 'Person'
    UNION ALL SELECT key FROM institution WHERE id = :id AND :label = 'Institution'
    UNION ALL SELECT key FROM department WHERE id = :id AND :label = 'Department'
),
part AS (
    SELECT c.src AS claim, 'holder' AS role FROM customer k
    JOIN holds h ON h.src = k.key AND h.closed IS NULL
    JOIN claim_on c ON c.dst = h.dst AND c.closed IS NULL
    UNION SELECT i.dst, i.role FROM customer k
    JOIN involved_in i ON i.src = k.key AND i.closed IS NULL
)
SELECT l.id AS claim_id, p.id AS policy_id, group_concat(x.role, ', ') AS role, l.loss_on,
       l.status, l.amount_claimed, l.amount_paid, l.cause
FROM part x
JOIN claim l ON l.key = x.claim AND l.deleted_on IS NULL
LEFT JOIN claim_on c ON c.src = l.key AND c.closed IS NULL
LEFT JOIN policy p ON p.key = c.dst
GROUP BY l.key
ORDER BY l.loss_on DESC, l.id
