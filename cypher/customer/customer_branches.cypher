// name: customer_branches
// purpose: The branches that have to do with a customer, the one that serves most policies first.
// purpose.zh: 与客户有业务往来的机构网点，服务保单最多的在前。
// public: no
// parameter: label text = Person | the customer's label: Person, Institution or Department
// parameter: id text | the customer's id
// column: branch_id text = Department.id | the branch
// column: branch_name text = Department.name | its name
// column: served integer = company | policies in force that an agent of the branch serves today
// column: written integer = company | policies that were written there
// column: contacts integer = company | contacts that were handled there, or by an agent of it
// column: entered integer = company | 1 where it entered the customer, who has no policy or contact yet
MATCH (customer:Person|Institution|Department {id: $id}) WHERE $label IN labels(customer)
CALL (customer) {
    MATCH (customer)-[q:HOLDS|INSURED_UNDER|BENEFITS_FROM|PAYS_FOR]->(p:Policy {status: 'in_force'})
    WHERE q.closed IS NULL AND p.deleted_on IS NULL
    WITH DISTINCT p
    MATCH (p)<-[s:SERVES]-(a:Agent)-[b:BELONGS_TO]->(branch:Department)
    WHERE s.closed IS NULL AND a.deleted_on IS NULL AND b.closed IS NULL
      AND coalesce(s.valid_from, '') <= toString(date({timezone: 'UTC'}))
      AND coalesce(s.valid_to, '9999') >= toString(date({timezone: 'UTC'}))
    RETURN 'served' AS what, branch, p AS thing
    UNION
    MATCH (customer)-[q:HOLDS|INSURED_UNDER|BENEFITS_FROM|PAYS_FOR]->(p:Policy)
    WHERE q.closed IS NULL AND p.deleted_on IS NULL
    WITH DISTINCT p
    MATCH (p)-[w:WRITTEN_AT]->(branch:Department) WHERE w.closed IS NULL
    RETURN 'written' AS what, branch, p AS thing
    UNION
    MATCH (customer)<-[w:CONTACT_WITH]-(t:Contact) WHERE w.closed IS NULL AND t.deleted_on IS NULL
    MATCH (t)-[h:HANDLED_IN]->(branch:Department) WHERE h.closed IS NULL
    RETURN 'contact' AS what, branch, t AS thing
    UNION
    MATCH (customer)<-[w:CONTACT_WITH]-(t:Contact) WHERE w.closed IS NULL AND t.deleted_on IS NULL
    MATCH (t)-[h:HANDLED_BY]->(a:Agent)-[b:BELONGS_TO]->(branch:Department)
    WHERE h.closed IS NULL AND a.deleted_on IS NULL AND b.closed IS NULL
    RETURN 'contact' AS what, branch, t AS thing
    UNION
    MATCH (customer)-[e:ENTERED_AT]->(branch:Department)
    WHERE e.closed IS NULL
      AND NOT EXISTS {
        MATCH (customer)-[q:HOLDS|INSURED_UNDER|BENEFITS_FROM|PAYS_FOR]->(p:Policy)
        WHERE q.closed IS NULL AND p.deleted_on IS NULL
      }
      AND NOT EXISTS {
        MATCH (customer)<-[w:CONTACT_WITH]-(t:Contact)
        WHERE w.closed IS NULL AND t.deleted_on IS NULL
      }
      AND NOT EXISTS {
        MATCH (customer:Institution)<-[o:PART_OF]-(d:Department)
              -[q:HOLDS|INSURED_UNDER|BENEFITS_FROM|PAYS_FOR]->(p:Policy)
        WHERE o.closed IS NULL AND d.deleted_on IS NULL AND q.closed IS NULL
          AND p.deleted_on IS NULL
      }
      AND NOT EXISTS {
        MATCH (customer:Institution)<-[o:PART_OF]-(d:Department)<-[w:CONTACT_WITH]-(t:Contact)
        WHERE o.closed IS NULL AND d.deleted_on IS NULL AND w.closed IS NULL
          AND t.deleted_on IS NULL
      }
    RETURN 'entered' AS what, branch, customer AS thing
}
WITH branch, what WHERE branch.deleted_on IS NULL
RETURN branch.id AS branch_id, branch.name AS branch_name,
       sum(CASE what WHEN 'served' THEN 1 ELSE 0 END) AS served,
       sum(CASE what WHEN 'written' THEN 1 ELSE 0 END) AS written,
       sum(CASE what WHEN 'contact' THEN 1 ELSE 0 END) AS contacts,
       sum(CASE what WHEN 'entered' THEN 1 ELSE 0 END) AS entered
ORDER BY served DESC, written DESC, contacts DESC, branch_id
