// name: customer_contacts
// purpose: The contacts with a customer, newest first.
// purpose.zh: 与客户的联系记录，最近的在前。
// public: yes
// parameter: label text = Person | the customer's label: Person, Institution or Department
// parameter: id text | the customer's id
// column: contact_id text = Contact.id | the contact
// column: contacted_at text | when (ISO)
// column: direction text | in or out
// column: channel text | the way
// column: topic text | what it was about
// column: outcome text | how it ended
// column: agent_id text = Agent.id | the agent who handled it
// column: agent_name text = Agent.name | the agent's name
// column: note text = Contact.note | what was said
MATCH (customer:Person|Institution|Department {id: $id}) WHERE $label IN labels(customer)
MATCH (customer)<-[w:CONTACT_WITH]-(contact:Contact)
WHERE w.closed IS NULL AND contact.deleted_on IS NULL
WITH DISTINCT contact
OPTIONAL MATCH (contact)-[h:HANDLED_BY]->(agent:Agent) WHERE h.closed IS NULL
RETURN contact.id AS contact_id, contact.contacted_at AS contacted_at,
       contact.direction AS direction, contact.channel AS channel, contact.topic AS topic,
       contact.outcome AS outcome, agent.id AS agent_id, agent.name AS agent_name,
       contact.note AS note
ORDER BY contacted_at DESC, contact_id, agent_name, agent_id
