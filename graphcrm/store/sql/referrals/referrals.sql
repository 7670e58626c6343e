-- name: referrals
-- purpose: Who brought whom: every referral between two customers.
-- public: yes
-- column: referrer_label text | label of the one who brought the other
-- column: referrer_id text | id of the one who brought the other
-- column: referrer_name text | name of the one who brought the other
-- column: referred_label text | label of the one who was brought
-- column: referred_id text | id of the one who was brought
-- column: referred_name text | name of the one who was brought
-- column: referred_on date | the day of the referral
-- column: policy_id text | the policy that came of it
WITH party AS (
    SELECT key, 'Person' AS label, id, name FROM person WHERE deleted_on IS NULL
    UNION ALL SELECT key, 'Institution', id, name FROM institution WHERE deleted_on IS NULL
    UNION ALL SELECT key, 'Department', id, name FROM department WHERE deleted_on IS NULL
)
SELECT a.label AS referrer_label, a.id AS referrer_id, a.name AS referrer_name,
       b.label AS referred_label, b.id AS referred_id, b.name AS referred_name,
       r.referred_on, r.policy_id
FROM referred r JOIN party a ON a.key = r.src JOIN party b ON b.key = r.dst
WHERE r.closed IS NULL
ORDER BY r.src, r.dst, r.d
