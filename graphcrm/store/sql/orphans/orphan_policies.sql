-- name: orphan_policies
-- purpose: Policies in force whose serving agent has departed, is suspended, on leave, unknown or missing.
-- public: yes
-- parameter: as_of date = today | the day for which it is asked
-- parameter: leave_days integer = 0 | an agent on leave counts after more than so many days
-- column: policy_id text | the policy
-- column: customer_label text | Person, Institution or Department; empty where the holder is unknown
-- column: customer_id text | the policyholder
-- column: customer_name text | the policyholder's name
-- column: agent_id text | the serving agent, also one that is in no file
-- column: agent_name text | the serving agent's name
-- column: reason text | departed, suspended, on_leave, unknown or none
-- column: premium amount | premium per year, in the policy's currency
-- column: currency text | the policy's currency
-- column: next_due_on date | the next unpaid premium's due date, else the day up to which is paid
-- column: open_claims integer | claims under the policy that are open
-- column: days_since_contact integer | days since the last contact with the policyholder
WITH gone AS MATERIALIZED (
    SELECT key, id, name, reason FROM (
        SELECT key, id, name,
               CASE
                   WHEN deleted_on IS NOT NULL AND deleted_on <= :as_of THEN 'departed'
                   WHEN status = 'departed' AND coalesce(departed_on, '') <= :as_of THEN 'departed'
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
left_behind AS MATERIALIZED (
    SELECT s.dst AS policy, min(g.reason) AS reason, min(g.id) AS agent_id, min(g.name) AS agent_name
    FROM gone g CROSS JOIN serves s ON s.src = g.key
    CROSS JOIN policy p ON p.key = s.dst
    WHERE s.closed IS NULL
      AND coalesce(s.valid_from, '') <= :as_of AND coalesce(s.valid_to, '9999') >= :as_of
      AND p.status = 'in_force' AND p.deleted_on IS NULL
      AND NOT EXISTS (
          SELECT 1 FROM serves o
          WHERE o.dst = s.dst AND o.closed IS NULL
            AND coalesce(o.valid_from, '') <= :as_of AND coalesce(o.valid_to, '9999') >= :as_of
            AND o.src NOT IN (SELECT key FROM gone)
      )
    GROUP BY s.dst
),
unserved AS MATERIALIZED (
    SELECT p.key AS policy FROM policy p
    WHERE p.status = 'in_force' AND p.deleted_on IS NULL
      AND NOT EXISTS (
          SELECT 1 FROM serves s
          WHERE s.dst = p.key AND s.closed IS NULL
            AND coalesce(s.valid_from, '') <= :as_of AND coalesce(s.valid_to, '9999') >= :as_of
      )
),
orphan AS (
    SELECT policy, reason, agent_id, agent_name FROM left_behind
    UNION ALL
    SELECT u.policy, CASE WHEN w.other_ref IS NULL THEN 'none' ELSE 'unknown' END, w.other_ref, NULL
    FROM unserved u LEFT JOIN (
        SELECT anchor_key, min(other_ref) AS other_ref FROM pending
        WHERE type = 'SERVES' AND anchor_key IS NOT NULL GROUP BY anchor_key
    ) w ON w.anchor_key = u.policy
)
SELECT p.id AS policy_id,
       CASE WHEN n.key IS NOT NULL THEN 'Person' WHEN i.key IS NOT NULL THEN 'Institution'
            WHEN d.key IS NOT NULL THEN 'Department' END AS customer_label,
       coalesce(n.id, i.id, d.id) AS customer_id,
       coalesce(n.name, i.name, d.name) AS customer_name,
       o.agent_id, o.agent_name, o.reason, p.premium, coalesce(p.currency, 'CNY') AS currency,
       coalesce((
           SELECT min(r.due_on) FROM premium_of q JOIN premium r ON r.key = q.src
           WHERE q.dst = p.key AND q.closed IS NULL AND r.paid_on IS NULL AND r.deleted_on IS NULL
       ), p.paid_to) AS next_due_on,
       (
           SELECT count(*) FROM claim_on c JOIN claim l ON l.key = c.src
           WHERE c.dst = p.key AND c.closed IS NULL AND l.status = 'open' AND l.deleted_on IS NULL
       ) AS open_claims,
       (
           SELECT CAST(julianday(:as_of) - julianday(max(substr(t.contacted_at, 1, 10))) AS INTEGER)
           FROM contact_with w JOIN contact t ON t.key = w.src
           WHERE w.dst = h.src AND w.closed IS NULL AND t.deleted_on IS NULL
             AND substr(t.contacted_at, 1, 10) <= :as_of
       ) AS days_since_contact
FROM orphan o
JOIN policy p ON p.key = o.policy
LEFT JOIN holds h ON h.dst = p.key AND h.closed IS NULL
LEFT JOIN person n ON n.key = h.src
LEFT JOIN institution i ON i.key = h.src
LEFT JOIN department d ON d.key = h.src
ORDER BY p.key
