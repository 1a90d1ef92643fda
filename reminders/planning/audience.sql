-- Whom a reminder on %(day)s concerns, and the first check that fails for everyone else: the set-based twin of
-- reminders.rules.eligibility.decide_reminder. Reads the temporary table `finding`; put after WITH; read `candidate`.
-- Few: the numbers that were merged into others, whose mail counts for the person they now lead to.
merged AS MATERIALIZED (
    SELECT id, merged_into_id FROM registry_intermediary WHERE merged_into_id IS NOT NULL
),
item AS (
    SELECT intermediary_id, kind, term, due_on, array_agg(category ORDER BY category) AS categories
    FROM finding
    WHERE state IN ('DUE', 'MISSING', 'LAPSED', 'BELOW_MINIMUM') AND NOT first_validity AND term IS NOT NULL AND due_on IS NOT NULL
    GROUP BY intermediary_id, kind, term, due_on
),
-- Of the terms at hand alone: the ledger holds those of all years.
held AS (
    SELECT id, notice_id, intermediary_id, kind, term, wave
    FROM reminders_noticeitem
    WHERE held AND term = ANY (ARRAY(SELECT DISTINCT term FROM item))
),
inherited AS MATERIALIZED (
    SELECT m.merged_into_id AS intermediary_id, h.kind, h.term, h.wave
    FROM merged m
    JOIN held h ON h.intermediary_id = m.id
    -- What still waits under a merged number never leaves.
    WHERE NOT EXISTS (
        SELECT FROM reminders_notice n
        WHERE n.id = h.notice_id AND n.live AND n.state IN ('PLANNED', 'CLAIMED', 'DEFERRED')
    )
),
standing AS (
    SELECT i.id, i.orias_number, i.email, i.facts_version, i.merged_into_id IS NOT NULL AS merged,
           bool_or(r.id IS NOT NULL AND (r.removed_on IS NULL OR r.removed_on > %(day)s)) AS present,
           bool_or((r.removed_on IS NULL OR r.removed_on > %(day)s) AND r.registered_on <= %(day)s) AS begun,
           string_agg(r.category, '+' ORDER BY r.category) FILTER (
               WHERE r.registered_on <= %(day)s AND (r.removed_on IS NULL OR r.removed_on > %(day)s)
                 AND (r.suspended_on IS NULL OR r.suspended_on > %(day)s OR r.suspended_until < %(day)s)
           ) AS categories
    FROM registry_intermediary i
    LEFT JOIN registry_registration r ON r.intermediary_id = i.id
    WHERE %(ids)s::bigint[] IS NULL OR i.id = ANY (%(ids)s::bigint[])
    GROUP BY i.id
),
file AS (
    SELECT intermediary_id,
           bool_or(state = 'AWAITING_REVIEW') AS awaits_us,
           bool_or(first_validity) AS too_new,
           bool_or(state IN ('DUE', 'MISSING', 'LAPSED', 'BELOW_MINIMUM')) AS open,
           min(covered_until) AS covered_until
    FROM finding
    GROUP BY intermediary_id
),
-- Few days for many items: which wave runs is asked once for each.
running AS MATERIALIZED (
    SELECT d.due_on, w.code AS wave, d.due_on + w.last_offset AS last_useful_on,
           EXISTS (SELECT FROM reminders_wave l WHERE l.active AND %(day)s < d.due_on + l.first_offset) AS ahead
    FROM (SELECT DISTINCT due_on FROM item) d
    LEFT JOIN LATERAL (
        SELECT code, last_offset
        FROM reminders_wave
        WHERE active AND %(day)s BETWEEN d.due_on + first_offset AND d.due_on + last_offset
        ORDER BY first_offset DESC, code COLLATE "C" DESC
        LIMIT 1
    ) w ON true
),
waved AS (
    SELECT i.*, r.wave, r.last_useful_on, r.ahead,
           i.kind || '/' || i.term || '/' || r.wave AS key,
           (r.wave IS NOT NULL AND h.id IS NULL AND x.intermediary_id IS NULL) AS fresh
    FROM item i
    JOIN running r ON r.due_on = i.due_on
    LEFT JOIN held h ON h.intermediary_id = i.intermediary_id
                    AND h.kind = i.kind AND h.term = i.term AND h.wave = r.wave
    LEFT JOIN (SELECT DISTINCT intermediary_id, kind, term, wave FROM inherited) x
           ON x.intermediary_id = i.intermediary_id AND x.kind = i.kind AND x.term = i.term AND x.wave = r.wave
),
due AS (
    SELECT intermediary_id,
           count(wave) AS todays,
           bool_or(ahead) AS ahead,
           count(*) FILTER (WHERE fresh) AS fresh,
           count(*) FILTER (WHERE fresh AND (%(only_wave)s::text IS NULL OR wave = %(only_wave)s)) AS asked,
           array_agg(DISTINCT key COLLATE "C") FILTER (WHERE fresh) AS keys,
           min(last_useful_on) FILTER (WHERE fresh) AS last_useful_on,
           -- As text, which is quickly made for all: as JSON it is wanted of those left out only.
           '[' || string_agg(
               '{"kind": "' || kind || '", "term": "' || term || '", "due_on": "' || due_on
               || coalesce('", "wave": ' || to_json(wave), '"')
               || ', "categories": ["' || array_to_string(categories, '", "') || '"]}',
               ', ' ORDER BY kind, term, due_on
           ) || ']' AS items
    FROM waved
    GROUP BY intermediary_id
),
live AS (
    SELECT intermediary_id, id FROM reminders_notice WHERE live
),
mailed AS (
    SELECT coalesce(m.merged_into_id, n.intermediary_id) AS intermediary_id,
           max((settled_at AT TIME ZONE 'Europe/Paris')::date) AS last_on
    FROM reminders_notice n
    LEFT JOIN merged m ON m.id = n.intermediary_id
    WHERE state IN ('ACCEPTED', 'UNCERTAIN') AND NOT unsent
      -- Also those after the day: a clock set back must not open the gap.
      AND settled_at >= (%(day)s::date - %(gap_days)s) AT TIME ZONE 'Europe/Paris'
    GROUP BY coalesce(m.merged_into_id, n.intermediary_id)
),
judged AS (
    SELECT s.id, s.orias_number, s.email, s.facts_version, s.categories, d.keys, d.last_useful_on,
           CASE
               WHEN s.merged THEN 'MERGED'
               WHEN s.present IS NOT TRUE THEN 'REMOVED'
               WHEN NOT s.begun THEN 'NOT_YET_REGISTERED'
               WHEN s.categories IS NULL THEN 'SUSPENDED'
               WHEN d.intermediary_id IS NULL THEN
                   CASE
                       WHEN f.awaits_us THEN 'AWAITING_REVIEW'
                       WHEN f.too_new THEN 'REGISTERED_TOO_LATE'
                       WHEN f.open THEN 'NOT_DUE'
                       ELSE 'COMPLETE'
                   END
               WHEN d.todays = 0 THEN CASE WHEN d.ahead THEN 'NOT_DUE' ELSE 'NO_WAVE_LEFT' END
               WHEN l.id IS NOT NULL THEN 'IN_LIVE_BATCH'
               WHEN d.fresh = 0 THEN 'ALREADY_REMINDED'
               WHEN %(day)s - m.last_on < %(gap_days)s THEN 'TOO_SOON'
               WHEN d.asked = 0 THEN 'OTHER_WAVE'
               WHEN NOT (s.email ~ %(plain_address)s AND length(s.email) <= %(plain_length)s)
                    AND s.email !~ %(address)s THEN 'NO_EMAIL'
               WHEN t.hard > 0 OR t.soft_days >= %(soft_days_make_dead)s THEN 'ADDRESS_DEAD'
           END AS reason,
           d.items, f.covered_until, l.id AS live_notice, m.last_on AS last_mailed_on, t.hard, t.soft_days
    FROM standing s
    LEFT JOIN file f ON f.intermediary_id = s.id
    LEFT JOIN due d ON d.intermediary_id = s.id
    LEFT JOIN live l ON l.intermediary_id = s.id
    LEFT JOIN mailed m ON m.intermediary_id = s.id
    LEFT JOIN trouble t ON t.intermediary_id = s.id
    -- Decided once: folded into what reads it, each mention of the reason would match the address once more.
    OFFSET 0
),
candidate AS MATERIALIZED (
    SELECT id, orias_number, email, facts_version, categories, keys, last_useful_on, reason, items,
           CASE WHEN reason IS NOT NULL THEN jsonb_strip_nulls(jsonb_build_object(
               'covered_until', covered_until, 'items', items::jsonb, 'live_notice', live_notice,
               'last_mailed_on', last_mailed_on, 'hard', hard, 'soft_days', soft_days
           )) END AS evidence
    FROM judged
)
