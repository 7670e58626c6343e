-- name: customer_contacts
-- purpose: The contacts with a customer, newest first.
-- purpose.zh: 与客户的联系记录，最近的在前。
-- public: yes
-- parameter: label text = Person | the customer's label: Person, Institution or Department
-- parameter: id text | the customer's id
-- column: contact_id text = Contact.id | the contact
-- column: contacted_at text | when (ISO)
-- column: direction text | in or out
-- column: channel text | the way
-- column: topic text | what it was about
-- column: outcome text | how it ended
-- column: agent_id text = Agent.id | the agent who handled it
-- column: agent_name text = Agent.name | the agent's name
-- column: note text = Contact.note | what was said
WITH customer AS (
    SELECT key FROM person WHERE id = :id AND :label = 'Person'
    UNION ALL SELECT key FROM institution WHERE id = :id AND :label = 'Institution'
    UNION ALL SELECT key FROM department WHERE id = :id AND :label = 'Department'
)
SELECT t.id AS contact_id, t.contacted_at, t.direction, t.channel, t.topic, t.outcome,
       a.id AS agent_id, a.name AS agent_name, t.note
FROM contact t
LEFT JOIN handled_by b ON b.src = t.key AND b.closed IS NULL
LEFT JOIN agent a ON a.key = b.dst
WHERE t.key IN (
    SELECT src FROM contact_with WHERE dst IN (SELECT key FROM customer) AND closed IS NULL
) AND t.deleted_on IS NULL
ORDER BY t.contacted_at DESC, t.id, a.name, a.id
