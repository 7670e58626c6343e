// name: referrals
// purpose: Who brought whom: every referral between two customers.
// purpose.zh: 谁转介绍了谁：两位客户之间的每一次转介绍。
// public: yes
// column: referrer_label text | label of the one who brought the other
// column: referrer_id text = {referrer_label}.id | id of the one who brought the other
// column: referrer_name text = {referrer_label}.title | name of the one who brought the other
// column: referred_label text | label of the one who was brought
// column: referred_id text = {referred_label}.id | id of the one who was brought
// column: referred_name text = {referred_label}.title | name of the one who was brought
// column: referred_on date | the day of the referral
// column: policy_id text = Policy.id | the policy that came of it
MATCH (a)-[r:REFERRED]->(b)
WHERE r.closed IS NULL AND a.deleted_on IS NULL AND b.deleted_on IS NULL
RETURN head(labels(a)) AS referrer_label, a.id AS referrer_id, a.name AS referrer_name,
       head(labels(b)) AS referred_label, b.id AS referred_id, b.name AS referred_name,
       r.referred_on AS referred_on, r.policy_id AS policy_id
ORDER BY referrer_label, referrer_id, referred_label, referred_id,
         coalesce(referred_on, ''), coalesce(policy_id, '')
