-- name: referrals
-- purpose: Who brought whom: every referral between two customers.
-- purpose.zh: 谁转介绍了谁：两位客户之间的每一次转介绍。
-- public: yes
-- column: referrer_label text | label of the one who brought the other
-- column: referrer_id text = {referrer_label}.id | id of the one who brought the other
-- column: referrer_name text = {referrer_label}.title | name of the one who brought the other
-- column: referred_label text | label of the one who was brought
-- column: referred_id text = {referred_label}.id | id of the one who was brought
-- column: referred_name text = {referred_label}.title | name of the one who was brought
-- column: referred_on date | the day of the referral
-- column: policy_id text = Policy.id | the policy that came of it
SELECT CASE WHEN ap.key IS NOT NULL THEN 'Person' WHEN ai.key IS NOT NULL THEN 'Institution'
            ELSE 'Department' END AS referrer_label,
       coalesce(ap.id, ai.id, ad.id) AS referrer_id,
       coalesce(ap.name, ai.name, ad.name) AS referrer_name,
       CASE WHEN bp.key IS NOT NULL THEN 'Person' WHEN bi.key IS NOT NULL THEN 'Institution'
            ELSE 'Department' END AS referred_label,
       coalesce(bp.id, bi.id, bd.id) AS referred_id,
       coalesce(bp.name, bi.name, bd.name) AS referred_name,
       r.referred_on, r.policy_id
FROM referred r
LEFT JOIN person ap ON ap.key = r.src AND ap.deleted_on IS NULL
LEFT JOIN institution ai ON ai.key = r.src AND ai.deleted_on IS NULL
LEFT JOIN department ad ON ad.key = r.src AND ad.deleted_on IS NULL
LEFT JOIN person bp ON bp.key = r.dst AND bp.deleted_on IS NULL
LEFT JOIN institution bi ON bi.key = r.dst AND bi.deleted_on IS NULL
LEFT JOIN department bd ON bd.key = r.dst AND bd.deleted_on IS NULL
WHERE r.closed IS NULL AND coalesce(ap.key, ai.key, ad.key) IS NOT NULL
  AND coalesce(bp.key, bi.key, bd.key) IS NOT NULL
ORDER BY referrer_label, referrer_id, referred_label, referred_id, r.referred_on, r.policy_id
