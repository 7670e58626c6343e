// name: orphan_policies
// purpose: Policies in force whose serving agent has departed, is suspended, on leave, unauthorised, unknown or missing.
// purpose.zh: 服务代理人已离职、停职、休假、无资质、不在册或无服务代理人的有效保单。
// public: yes
// parameter: as_of date = today | the day for which it is asked; a policy's status is always the present one
// parameter: leave_days integer = 0 | an agent on leave counts after more than so many days, or since an unknown day
// parameter: unauthorised integer = 0 | 1: an agent without licence or authority for the line counts too
// parameter: agent_id text = null | only the rows with this agent_id, at once; null: all
// column: policy_id text = Policy.id | the policy
// column: customer_label text | Person, Institution or Department; empty where the holder is in no file
// column: customer_id text = {customer_label}.id | the policyholder, also one that is in no file
// column: customer_name text = {customer_label}.title | the policyholder's name
// column: agent_id text = Agent.id | the serving agent (of several the present or latest), also one that is in no file
// column: agent_name text = Agent.name | the serving agent's name
// column: reason text | departed, suspended, on_leave, unauthorised, unknown or none
// column: premium amount | premium per year, of a single premium the whole, in the policy's currency
// column: premium_per_year amount | what still comes in each year: nothing of a single premium
// column: currency text | the policy's currency
// column: next_due_on date | the earliest unpaid premium's due date, else the day up to which is paid
// column: open_claims integer | claims under the policy that are open
// column: days_since_contact integer | days since the last contact with the policyholder; empty = never
WITH COLLECT { MATCH (l:_Load) WHERE l.as_of > $as_of RETURN l.load } AS later,
     COLLECT {
         MATCH (a:Agent)
         WHERE a.deleted_on <= $as_of
            OR a.departed_on <= $as_of AND (
                a.status = 'departed' OR coalesce(a.status_since, a.departed_on) <= a.departed_on
            )
            OR a.status = 'departed' AND a.departed_on IS NULL
                AND coalesce(a.status_since, '') <= $as_of
         RETURN a
     } AS departed,
     COLLECT {
         MATCH (a:Agent {status: 'suspended'}) WHERE coalesce(a.status_since, '') <= $as_of
         RETURN a
     } AS suspended,
     COLLECT {
         MATCH (a:Agent {status: 'on_leave'})
         WHERE a.status_since IS NULL
            OR duration.inDays(date(a.status_since), date($as_of)).days > $leave_days
         RETURN a
     } AS on_leave,
     COLLECT { MATCH (d:Product) WHERE $unauthorised <> 0 RETURN DISTINCT d.line } AS lines
WITH *, COLLECT {
    // where authorities are given they replace the agent's product lines
    MATCH (a:Agent)
    OPTIONAL MATCH (a)-[f:AUTHORISED_FOR]->(l:Line) WHERE f.closed IS NULL
    WITH a, count(f) AS stated, collect(
        CASE WHEN coalesce(f.valid_from, '') <= $as_of AND coalesce(f.valid_to, '9999') >= $as_of
             THEN l.value END
    ) AS held
    UNWIND lines AS line
    WITH a, line
    WHERE a.licence_until < $as_of
       OR CASE WHEN stated > 0 THEN NOT line IN held
               ELSE NOT ';' + a.product_lines + ';' CONTAINS ';' + line + ';' END
    WITH line, collect(a) AS agents
    RETURN {line: line, agents: agents}
} AS unfit,
COLLECT {
    // what waits for its agent since before its policy came
    MATCH (w:_Waiting {type: 'SERVES'})
    WHERE w.anchor_id IS NULL
      AND coalesce(w.edge_valid_from, '') <= $as_of AND coalesce(w.edge_valid_to, '9999') >= $as_of
    OPTIONAL MATCH (own:Policy {id: w.anchor_own})
    OPTIONAL MATCH (ref:Policy {id: w.anchor_ref})
    WITH coalesce(own, ref) AS policy, w WHERE policy IS NOT NULL
    RETURN {policy: policy, agent: w.other_ref}
} AS late
CALL (late) {
    // where one agent is asked for, what they ever served and what waits for them, and nothing else
    UNWIND CASE WHEN $agent_id IS NULL THEN [1] ELSE [] END AS everything
    MATCH (p:Policy {status: 'in_force'})
    RETURN p
    UNION ALL
    MATCH (:Agent {id: $agent_id})-[:SERVES]->(p:Policy {status: 'in_force'})
    RETURN DISTINCT p
    UNION ALL
    UNWIND [w IN late WHERE w.agent = $agent_id | w.policy] + COLLECT {
        MATCH (w:_Waiting {type: 'SERVES'}) WHERE w.other_ref = $agent_id
        MATCH (p:Policy {id: w.anchor_id})
        RETURN p
    } AS p
    WITH DISTINCT p
    WHERE p.status = 'in_force' AND NOT EXISTS { (p)<-[:SERVES]-(:Agent {id: $agent_id}) }
    RETURN p
}
WITH * WHERE p.deleted_on IS NULL AND (p.issued_on <= $as_of OR size(later) = 0)
CALL (p, later, departed, suspended, on_leave, unfit) {
    WITH CASE WHEN size(unfit) > 0 THEN COLLECT {
        MATCH (p)-[o:OF_PRODUCT]->(r:Product) WHERE o.closed IS NULL RETURN r.line
    } ELSE [] END AS policy_lines
    // what a load after that day closed was still so on that day
    MATCH (p)<-[s:SERVES]-(a:Agent)
    WHERE (s.closed IS NULL OR s.closed IN later)
      AND coalesce(s.valid_from, '') <= $as_of AND coalesce(s.valid_to, '9999') >= $as_of
      AND (s.valid_from IS NOT NULL OR size(later) = 0 OR NOT EXISTS {
          // a serving of unknown start begins with the first dated one of the same agent
          MATCH (a)-[t:SERVES]->(p)
          WITH min(t.valid_from) AS begins
          WHERE begins > $as_of AND coalesce(s.valid_to, '9999') >= begins
          RETURN begins
      })
    WITH a, s.valid_from AS since, CASE
        WHEN a IN departed THEN 'departed'
        WHEN a IN suspended THEN 'suspended'
        WHEN a IN on_leave THEN 'on_leave'
        WHEN any(u IN unfit WHERE u.line IN policy_lines AND a IN u.agents) THEN 'unauthorised'
    END AS reason
    ORDER BY since IS NOT NULL, since DESC, a.id
    RETURN collect({agent: a, reason: reason}) AS serving
}
WITH p, serving, late WHERE all(s IN serving WHERE s.reason IS NOT NULL)
CALL (p, late) {
    UNWIND COLLECT {
        MATCH (w:_Waiting {anchor_id: p.id})
        WHERE w.type = 'SERVES' AND w.anchor_label = 'Policy'
          AND coalesce(w.edge_valid_from, '') <= $as_of
          AND coalesce(w.edge_valid_to, '9999') >= $as_of
        RETURN w.other_ref
    } + [w IN late WHERE w.policy = p | w.agent] AS ref
    RETURN min(ref) AS awaited
}
WITH p, head(serving).agent AS agent,
     coalesce(head(serving).reason, CASE WHEN awaited IS NULL THEN 'none' ELSE 'unknown' END)
         AS reason,
     CASE WHEN size(serving) = 0 THEN awaited END AS awaited
WHERE $agent_id IS NULL OR coalesce(agent.id, awaited) = $agent_id
OPTIONAL MATCH (p)<-[h:HOLDS]-(customer) WHERE h.closed IS NULL
WITH *, head(COLLECT {
    MATCH (customer)<-[w:CONTACT_WITH]-(t:Contact)
    WHERE w.closed IS NULL AND t.deleted_on IS NULL AND w.contacted_at < $as_of + 'U'
    RETURN w.contacted_at ORDER BY w.contacted_at DESC LIMIT 1
}) AS contacted_at
RETURN p.id AS policy_id, head(labels(customer)) AS customer_label,
       coalesce(customer.id, head(COLLECT {
           MATCH (w:_Waiting {anchor_id: p.id})
           WHERE w.type = 'HOLDS' AND w.anchor_label = 'Policy'
           RETURN w.other_ref ORDER BY w.other_ref LIMIT 1
       })) AS customer_id,
       customer.name AS customer_name, coalesce(agent.id, awaited) AS agent_id,
       agent.name AS agent_name, reason, p.premium AS premium,
       CASE WHEN p.frequency = 'single' THEN 0.0 ELSE p.premium END AS premium_per_year,
       coalesce(p.currency, 'CNY') AS currency,
       coalesce(head(COLLECT {
           MATCH (p)<-[q:PREMIUM_OF]-(r:Premium)
           WHERE q.closed IS NULL AND r.deleted_on IS NULL
             AND (r.paid_on IS NULL OR r.paid_on > $as_of)
           RETURN r.due_on ORDER BY r.due_on LIMIT 1
       }), p.paid_to) AS next_due_on,
       COUNT {
           MATCH (p)<-[c:CLAIM_ON]-(l:Claim)
           WHERE c.closed IS NULL AND l.deleted_on IS NULL
             AND (l.status = 'open' OR l.settled_on > $as_of)
             AND coalesce(l.reported_on, l.loss_on) <= $as_of
       } AS open_claims,
       duration.inDays(date(substring(contacted_at, 0, 10)), date($as_of)).days
           AS days_since_contact
ORDER BY policy_id, customer_label, customer_id
