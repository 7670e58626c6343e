-- name: orphan_policies
-- purpose: Policies in force whose serving agent has departed, is suspended, on leave, unauthorised, unknown or missing.
-- purpose.zh: 服务代理人已离职、停职、休假、无资质、不在册或无服务代理人的有效保单。
-- public: yes
-- parameter: as_of date = today | the day for which it is asked; a policy's status is always the present one
-- parameter: leave_days integer = 0 | an agent on leave counts after more than so many days, or since an unknown day
-- parameter: unauthorised integer = 0 | 1: an agent without licence or authority for the line counts too
-- parameter: agent_id text = null | only the rows with this agent_id, at once; null: all
-- column: policy_id text = Policy.id | the policy
-- column: customer_label text | Person, Institution or Department; empty where the holder is in no file
-- column: customer_id text = {customer_label}.id | the policyholder, also one that is in no file
-- column: customer_name text = {customer_label}.title | the policyholder's name
-- column: agent_id text = Agent.id | the serving agent (of several the present or latest), also one that is in no file
-- column: agent_name text = Agent.name | the serving agent's name
-- column: reason text | departed, suspended, on_leave, unauthorised, unknown or none
-- column: premium amount | premium per year, of a single premium the whole, in the policy's currency
-- column: premium_per_year amount | what still comes in each year: nothing of a single premium
-- column: currency text | the policy's currency
-- column: next_due_on date | the earliest unpaid premium's due date, else the day up to which is paid
-- column: open_claims integer | claims under the policy that are open
-- column: days_since_contact integer | days since the last contact with the policyholder; empty = never
WITH later AS MATERIALIZED (SELECT load FROM load WHERE as_of > :as_of),
gone AS MATERIALIZED (
    SELECT key, reason FROM (
        SELECT key,
               CASE
                   WHEN deleted_on <= :as_of THEN 'departed'
                   WHEN departed_on <= :as_of AND (
                       status = 'departed' OR coalesce(status_since, departed_on) <= departed_on
                   ) THEN 'departed'
                   WHEN status = 'departed' AND departed_on IS NULL
                       AND coalesce(status_since, '') <= :as_of THEN 'departed'
                   WHEN status = 'suspended' AND coalesce(status_since, '') <= :as_of
                       THEN 'suspended'
                   WHEN status = 'on_leave' AND (
                       status_since IS NULL
                       OR julianday(:as_of) - julianday(status_since) > :leave_days
                   ) THEN 'on_leave'
               END AS reason
        FROM agent
    ) WHERE reason IS NOT NULL
),
stated AS MATERIALIZED (
    -- where authorities are given they replace the agent's product lines
    SELECT f.src AS agent, l.value AS line,
           coalesce(f.valid_from, '') <= :as_of AND coalesce(f.valid_to, '9999') >= :as_of AS holds
    FROM authorised_for f JOIN line l ON l.key = f.dst
    WHERE :unauthorised <> 0 AND f.closed IS NULL
),
unfit AS MATERIALIZED (
    SELECT a.key AS agent, d.line FROM agent a CROSS JOIN (SELECT DISTINCT line FROM product) d
    WHERE :unauthorised <> 0 AND (
        a.licence_until < :as_of
        OR CASE WHEN a.key IN (SELECT agent FROM stated)
                THEN (a.key, d.line) NOT IN (SELECT agent, line FROM stated WHERE holds)
                ELSE instr(';' || a.product_lines || ';', ';' || d.line || ';') = 0 END
    )
),
theirs AS MATERIALIZED (
    -- where one agent is asked for, what they ever served is looked at, and nothing else
    SELECT DISTINCT s.dst AS policy FROM agent a CROSS JOIN serves s ON s.src = a.key
    WHERE a.id = :agent_id
),
unbegun AS MATERIALIZED (
    -- a serving of unknown start begins with the first dated one of the same agent before its end
    SELECT t.src, t.dst, min(t.valid_from) AS begins
    FROM (SELECT 1 FROM later LIMIT 1) CROSS JOIN serves t
    WHERE :agent_id IS NULL
    GROUP BY t.dst, t.src HAVING min(t.valid_from) > :as_of
    UNION ALL
    SELECT t.src, t.dst, min(t.valid_from) AS begins
    FROM (SELECT 1 FROM later LIMIT 1) CROSS JOIN theirs CROSS JOIN serves t ON t.dst = theirs.policy
    GROUP BY t.dst, t.src HAVING min(t.valid_from) > :as_of
),
standing AS NOT MATERIALIZED (
    -- what a load after that day closed was still so on that day
    SELECT s.src, s.dst, s.valid_from FROM serves s
    WHERE (s.closed IS NULL OR s.closed IN (SELECT load FROM later))
      AND coalesce(s.valid_from, '') <= :as_of AND coalesce(s.valid_to, '9999') >= :as_of
      AND (s.valid_from IS NOT NULL
           OR NOT EXISTS (
               SELECT 1 FROM unbegun b WHERE b.dst = s.dst AND b.src = s.src
                   AND coalesce(s.valid_to, '9999') >= b.begins
           ))
),
unable AS NOT MATERIALIZED (
    SELECT u.agent, q.src AS policy FROM of_product q
    JOIN product r ON r.key = q.dst JOIN unfit u ON u.line = r.line WHERE q.closed IS NULL
),
unable_at_times AS MATERIALIZED (SELECT key FROM gone UNION SELECT agent FROM unfit),
looked_at AS NOT MATERIALIZED (
    SELECT s.src, s.dst, s.valid_from FROM (SELECT 1 WHERE :agent_id IS NULL)
    CROSS JOIN unable_at_times x CROSS JOIN standing s ON s.src = x.key
    UNION ALL
    -- neither a join, whose filter would read all servings, nor (+) a search for every agent
    SELECT s.src, s.dst, s.valid_from FROM standing s
    WHERE s.dst IN (SELECT policy FROM theirs) AND +s.src IN (SELECT key FROM unable_at_times)
),
left_behind AS MATERIALIZED (
    SELECT s.dst AS policy, s.src AS agent, coalesce(g.reason, 'unauthorised') AS reason,
           row_number() OVER (
               PARTITION BY s.dst ORDER BY s.valid_from IS NOT NULL, s.valid_from DESC, a.id
           ) AS place
    FROM looked_at s
    CROSS JOIN agent a ON a.key = s.src
    LEFT JOIN gone g ON g.key = s.src
    WHERE EXISTS (
          SELECT 1 FROM policy p
          WHERE p.key = s.dst AND p.status = 'in_force' AND p.deleted_on IS NULL
      )
      AND (g.key IS NOT NULL
           OR EXISTS (SELECT 1 FROM unable u WHERE u.policy = s.dst AND u.agent = s.src))
      AND NOT EXISTS (
          SELECT 1 FROM standing o
          WHERE o.dst = s.dst AND o.src NOT IN (SELECT key FROM gone)
            AND NOT EXISTS (SELECT 1 FROM unable u WHERE u.policy = o.dst AND u.agent = o.src)
      )
),
awaited AS MATERIALIZED (
    SELECT CAST(coalesce(w.anchor_key, (SELECT key FROM policy WHERE id = w.anchor_own),
                         (SELECT key FROM policy WHERE id = w.anchor_ref)) AS INTEGER) AS policy,
           min(w.other_ref) AS agent_ref
    FROM pending w
    WHERE w.type = 'SERVES'
      AND coalesce(json_extract(w.properties, '$.valid_from'), '') <= :as_of
      AND coalesce(json_extract(w.properties, '$.valid_to'), '9999') >= :as_of
    GROUP BY 1
),
unserved AS MATERIALIZED (
    SELECT p.key AS policy, w.agent_ref FROM policy p LEFT JOIN awaited w ON w.policy = p.key
    WHERE :agent_id IS NULL AND p.status = 'in_force' AND p.deleted_on IS NULL
      AND NOT EXISTS (SELECT 1 FROM standing s WHERE s.dst = p.key)
    UNION ALL
    -- BETWEEN, as for = a filter of all policies may be made
    SELECT p.key, w.agent_ref
    FROM awaited w CROSS JOIN policy p ON p.key BETWEEN w.policy AND w.policy
    WHERE w.agent_ref = :agent_id AND p.status = 'in_force' AND p.deleted_on IS NULL
      AND NOT EXISTS (SELECT 1 FROM standing s WHERE s.dst = p.key)
),
orphan AS (
    SELECT policy, reason, agent, NULL AS agent_ref FROM left_behind
    WHERE place = 1
      AND (:agent_id IS NULL OR agent = (SELECT key FROM agent WHERE id = :agent_id))
    UNION ALL
    SELECT policy, CASE WHEN agent_ref IS NULL THEN 'none' ELSE 'unknown' END, NULL, agent_ref
    FROM unserved
)
SELECT p.id AS policy_id,
       CASE WHEN n.key IS NOT NULL THEN 'Person' WHEN i.key IS NOT NULL THEN 'Institution'
            WHEN d.key IS NOT NULL THEN 'Department' END AS customer_label,
       coalesce(n.id, i.id, d.id, (
           SELECT min(w.other_ref) FROM pending w WHERE w.anchor_key = p.key AND w.type = 'HOLDS'
       )) AS customer_id,
       coalesce(n.name, i.name, d.name) AS customer_name,
       coalesce(a.id, o.agent_ref) AS agent_id, a.name AS agent_name, o.reason, p.premium,
       CASE WHEN p.frequency = 'single' THEN 0.0 ELSE p.premium END AS premium_per_year,
       coalesce(p.currency, 'CNY') AS currency,
       coalesce((
           SELECT min(r.due_on) FROM premium_of q JOIN premium r ON r.key = q.src
           WHERE q.dst = p.key AND q.closed IS NULL AND r.deleted_on IS NULL
             AND (r.paid_on IS NULL OR r.paid_on > :as_of)
       ), p.paid_to) AS next_due_on,
       (
           SELECT count(*) FROM claim_on c JOIN claim l ON l.key = c.src
           WHERE c.dst = p.key AND c.closed IS NULL AND l.deleted_on IS NULL
             AND (l.status = 'open' OR l.settled_on > :as_of)
             AND coalesce(l.reported_on, l.loss_on) <= :as_of
       ) AS open_claims,
       (
           SELECT CAST(julianday(:as_of) - julianday(substr(max(w.contacted_at), 1, 10)) AS INTEGER)
           FROM contact_with w
           WHERE w.dst = h.src AND w.closed IS NULL AND w.contacted_at < :as_of || 'U'
             AND w.src NOT IN (SELECT key FROM contact WHERE deleted_on IS NOT NULL)
       ) AS days_since_contact
FROM orphan o
CROSS JOIN policy p ON p.key BETWEEN o.policy AND o.policy
LEFT JOIN agent a ON a.key = o.agent
LEFT JOIN holds h ON h.dst = p.key AND h.closed IS NULL
LEFT JOIN person n ON n.key = h.src
LEFT JOIN institution i ON i.key = h.src
LEFT JOIN department d ON d.key = h.src
WHERE p.issued_on <= :as_of OR NOT EXISTS (SELECT 1 FROM later)
ORDER BY p.id, customer_label, customer_id
