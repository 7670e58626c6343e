-- name: customer_branches
-- purpose: The branches that have to do with a customer, the one that serves most policies first.
-- purpose.zh: 与客户有业务往来的机构网点，服务保单最多的在前。
-- public: no
-- parameter: label text = Person | the customer's label: Person, Institution or Department
-- parameter: id text | the customer's id
-- column: branch_id text = Department.id | the branch
-- column: branch_name text = Department.name | its name
-- column: served integer = company | policies in force that an agent of the branch serves today
-- column: written integer = company | policies that were written there
-- column: contacts integer = company | contacts that were handled there, or by an agent of it
-- column: entered integer = company | 1 where it entered the customer, who has no policy or contact yet
WITH customer AS MATERIALIZED (
    SELECT key FROM person WHERE id = :id AND :label = 'Person'
    UNION ALL SELECT key FROM institution WHERE id = :id AND :label = 'Institution'
    UNION ALL SELECT key FROM department WHERE id = :id AND :label = 'Department'
),
part AS MATERIALIZED (
    SELECT dst AS policy FROM holds WHERE src IN (SELECT key FROM customer) AND closed IS NULL
    UNION SELECT dst FROM insured_under WHERE src IN (SELECT key FROM customer) AND closed IS NULL
    UNION SELECT dst FROM benefits_from WHERE src IN (SELECT key FROM customer) AND closed IS NULL
    UNION SELECT dst FROM pays_for WHERE src IN (SELECT key FROM customer) AND closed IS NULL
),
met AS MATERIALIZED (
    SELECT DISTINCT t.key FROM contact_with w CROSS JOIN contact t ON t.key = w.src
    WHERE w.dst IN (SELECT key FROM customer) AND w.closed IS NULL AND t.deleted_on IS NULL
),
whole AS MATERIALIZED (
    SELECT key FROM customer
    UNION SELECT d.key FROM customer c CROSS JOIN part_of o ON o.dst = c.key AND o.closed IS NULL
    CROSS JOIN department d ON d.key = o.src AND d.deleted_on IS NULL
    WHERE :label = 'Institution'
),
tie AS (
    SELECT src AS customer, dst AS thing FROM holds
    WHERE src IN (SELECT key FROM whole) AND closed IS NULL
    UNION ALL SELECT src, dst FROM insured_under
    WHERE src IN (SELECT key FROM whole) AND closed IS NULL
    UNION ALL SELECT src, dst FROM benefits_from
    WHERE src IN (SELECT key FROM whole) AND closed IS NULL
    UNION ALL SELECT src, dst FROM pays_for
    WHERE src IN (SELECT key FROM whole) AND closed IS NULL
    UNION ALL SELECT dst, src FROM contact_with
    WHERE dst IN (SELECT key FROM whole) AND closed IS NULL
),
tied AS (
    SELECT p.key FROM tie t CROSS JOIN policy p ON p.key = t.thing AND p.deleted_on IS NULL
    UNION ALL
    SELECT k.key FROM tie t CROSS JOIN contact k ON k.key = t.thing AND k.deleted_on IS NULL
),
way AS (
    SELECT DISTINCT 'served' AS what, b.dst AS branch, p.key AS thing
    FROM part q
    CROSS JOIN policy p ON p.key = q.policy
    CROSS JOIN serves s ON s.dst = p.key AND s.closed IS NULL
    CROSS JOIN agent a ON a.key = s.src AND a.deleted_on IS NULL
    CROSS JOIN belongs_to b ON b.src = a.key AND b.closed IS NULL
    WHERE p.status = 'in_force' AND p.deleted_on IS NULL
      AND coalesce(s.valid_from, '') <= date('now') AND coalesce(s.valid_to, '9999') >= date('now')
    UNION ALL
    SELECT DISTINCT 'written', w.dst, p.key
    FROM part q
    CROSS JOIN policy p ON p.key = q.policy
    CROSS JOIN written_at w ON w.src = p.key AND w.closed IS NULL
    WHERE p.deleted_on IS NULL
    UNION ALL
    SELECT 'contact', h.dst, m.key
    FROM met m CROSS JOIN handled_in h ON h.src = m.key AND h.closed IS NULL
    UNION
    SELECT 'contact', b.dst, m.key
    FROM met m
    CROSS JOIN handled_by h ON h.src = m.key AND h.closed IS NULL
    CROSS JOIN agent a ON a.key = h.dst AND a.deleted_on IS NULL
    CROSS JOIN belongs_to b ON b.src = a.key AND b.closed IS NULL
    UNION ALL
    SELECT DISTINCT 'entered', e.dst, e.src
    FROM customer c CROSS JOIN entered_at e ON e.src = c.key AND e.closed IS NULL
    WHERE NOT EXISTS (SELECT 1 FROM tied)
)
SELECT d.id AS branch_id, d.name AS branch_name, count(*) FILTER (WHERE w.what = 'served') AS served,
       count(*) FILTER (WHERE w.what = 'written') AS written,
       count(*) FILTER (WHERE w.what = 'contact') AS contacts,
       count(*) FILTER (WHERE w.what = 'entered') AS entered
FROM way w CROSS JOIN department d ON d.key = w.branch AND d.deleted_on IS NULL
GROUP BY d.key
ORDER BY served DESC, written DESC, contacts DESC, branch_id
