// name: customer_claims
// purpose: The claims under a customer's policies, and those the customer is involved in.
// purpose.zh: 客户名下保单的赔案，以及客户作为相关方的赔案。
// public: yes
// parameter: label text = Person | the customer's label: Person, Institution or Department
// parameter: id text | the customer's id
// column: claim_id text = Claim.id | the claim
// column: policy_id text = Policy.id | the policy
// column: role text | holder, or the role in the claim
// column: loss_on date | the day of the loss
// column: status text | the claim's status
// column: amount_claimed amount | amount claimed, in the policy's currency
// column: amount_paid amount | amount paid, in the policy's currency
// column: cause text = Claim.cause | cause of the loss
MATCH (customer:Person|Institution|Department {id: $id}) WHERE $label IN labels(customer)
CALL (customer) {
    MATCH (customer)-[h:HOLDS]->(:Policy)<-[c:CLAIM_ON]-(claim:Claim)
    WHERE h.closed IS NULL AND c.closed IS NULL
    RETURN claim, 'holder' AS part
    UNION
    MATCH (customer)-[i:INVOLVED_IN]->(claim:Claim) WHERE i.closed IS NULL
    RETURN claim, i.role AS part
}
WITH claim, part ORDER BY part
WITH claim, collect(part) AS parts WHERE claim.deleted_on IS NULL
OPTIONAL MATCH (claim)-[c:CLAIM_ON]->(policy:Policy) WHERE c.closed IS NULL
RETURN claim.id AS claim_id, policy.id AS policy_id,
       reduce(roles = head(parts), part IN tail(parts) | roles + ', ' + part) AS role,
       claim.loss_on AS loss_on, claim.status AS status,
       claim.amount_claimed AS amount_claimed, claim.amount_paid AS amount_paid,
       claim.cause AS cause
ORDER BY loss_on DESC, claim_id, policy_id
