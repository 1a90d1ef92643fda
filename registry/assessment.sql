-- The findings of every registration in force on %(day)s: the set-based twin of registry.rules.covers.assess_cover.
-- Common table expressions to be put after WITH; read `finding`. %(ids)s limits the intermediaries (NULL: all).
-- What later steps read several times is MATERIALIZED: folded in, each mention would run its subqueries once more.
active AS MATERIALIZED (
    SELECT r.*
    FROM registry_registration r
    WHERE (%(ids)s::bigint[] IS NULL OR r.intermediary_id = ANY (%(ids)s::bigint[]))
      AND r.registered_on <= %(day)s
      AND (r.removed_on IS NULL OR r.removed_on > %(day)s)
      AND (r.suspended_on IS NULL OR r.suspended_on > %(day)s OR r.suspended_until < %(day)s)
),
binding AS (
    SELECT DISTINCT ON (category, kind) category, kind, amount_cents, annual_cents
    FROM registry_requirement
    WHERE valid_from <= %(day)s AND (valid_until IS NULL OR valid_until >= %(day)s)
    ORDER BY category, kind, valid_from DESC
),
campaign AS MATERIALIZED (
    SELECT k.*, (make_date(k.year, 3, 1) - 1) AS term FROM registry_campaigndates k
),
to_come AS MATERIALIZED (
    SELECT * FROM campaign WHERE term >= %(day)s ORDER BY year LIMIT 1
),
asked AS (
    SELECT a.id AS registration_id, a.intermediary_id, a.category, a.registered_on,
           (a.category = 'CIF' OR a.filer <> 'SELF') AS by_another,
           k.kind, b.amount_cents, b.annual_cents,
           CASE
               WHEN b.kind IS NULL THEN 'NO_RULE_BINDS'
               WHEN k.kind = 'RC_PRO' THEN CASE WHEN a.principal_bears_liability THEN 'PRINCIPAL_BEARS_LIABILITY' END
               WHEN a.category = 'CIF' OR NOT a.holds_client_funds THEN 'NO_FUNDS_HELD'
               WHEN a.category = 'COA' AND a.funds_mandate THEN 'FUNDS_MANDATE'
           END AS exempt
    FROM active a
    CROSS JOIN (VALUES ('RC_PRO'), ('FINANCIAL_GUARANTEE')) k (kind)
    LEFT JOIN binding b ON b.category = a.category AND b.kind = k.kind
),
need AS MATERIALIZED (
    SELECT * FROM asked WHERE exempt IS NULL OR %(with_exempt)s
),
paper AS (
    SELECT n.registration_id, n.kind, c.status,
           -- Asked cover by cover: joined, the view would be worked out for every cover of the register, whoever is asked for.
           datemultirange(daterange(c.starts_on, stated.end)) - CASE
               WHEN EXISTS (SELECT FROM registry_coverevent e WHERE e.cover_id = c.id)
               THEN coalesce((SELECT w.lost FROM registry_coverword w WHERE w.cover_id = c.id), '{}')
               ELSE '{}'
           END AS days,
           (c.amount_cents IS NULL OR n.amount_cents IS NULL OR c.amount_cents >= n.amount_cents)
           AND (c.annual_cents IS NULL OR n.annual_cents IS NULL OR c.annual_cents >= n.annual_cents) AS enough
    FROM need n
    JOIN registry_cover c ON c.intermediary_id = n.intermediary_id
                         AND c.kind = n.kind AND n.category = ANY (c.categories)
    -- In a leap year many certificates still say the 28th.
    CROSS JOIN LATERAL (
        SELECT CASE WHEN extract(month FROM c.ends_on) = 2 AND extract(day FROM c.ends_on) = 28
                    THEN make_date(extract(year FROM c.ends_on)::integer, 3, 1)
                    ELSE least(c.ends_on + 1, '9999-12-31') END AS "end"
    ) stated
    WHERE n.exempt IS NULL
),
papers AS (
    SELECT registration_id, kind,
           range_agg(days) FILTER (WHERE status = 'ACCEPTED' AND enough) AS covered,
           bool_or(status = 'DEPOSITED') AS awaits_us,
           bool_or(status = 'ACCEPTED' AND NOT enough AND days @> %(day)s::date) AS low_now,
           max(upper(days) - 1) FILTER (WHERE status = 'ACCEPTED' AND NOT enough) AS low_until
    FROM paper
    GROUP BY registration_id, kind
),
held AS (
    SELECT p.*, until.*
    FROM papers p
    CROSS JOIN LATERAL (
        SELECT max(upper(s) - 1) FILTER (WHERE s @> %(day)s::date) AS held_until,
               max(upper(s) - 1) FILTER (WHERE upper(s) <= %(day)s) AS past_until,
               max(upper(s) - 1) FILTER (WHERE s @> (SELECT k.term + 1 FROM to_come k)) AS next_until
        FROM unnest(p.covered) s
    ) until
),
stretch AS (
    SELECT n.*, h.awaits_us, h.low_now, h.low_until, h.held_until, h.past_until, h.next_until,
           (SELECT k.opens_on FROM to_come k) AS next_opening
    FROM need n
    LEFT JOIN held h ON h.registration_id = n.registration_id AND h.kind = n.kind
),
span AS MATERIALIZED (
    SELECT s.*, renewed.it AS renewed, CASE WHEN renewed.it THEN s.next_until ELSE s.held_until END AS current_until
    FROM stretch s
    CROSS JOIN LATERAL (
        SELECT s.next_until IS NOT NULL AND s.next_until IS DISTINCT FROM s.held_until
               AND (s.held_until IS NOT NULL OR s.past_until IS NULL OR s.past_until >= s.next_opening OR s.low_now) AS it
    ) renewed
),
weighed AS MATERIALIZED (
    SELECT s.*,
           coalesce(s.current_until, s.past_until) AS covered_until,
           k.opens_on, CASE WHEN s.by_another THEN k.principals_due_on ELSE k.due_on END AS filing_day,
           first.it AS too_new, newcomer.it AND NOT first.it AS asked_next,
           CASE
               WHEN s.exempt IS NOT NULL THEN 'NOT_REQUIRED'
               WHEN s.renewed THEN 'IN_FORCE'
               WHEN s.current_until IS NOT NULL THEN
                   CASE
                       WHEN first.it THEN 'IN_FORCE'
                       WHEN %(day)s < coalesce(k.opens_on, s.current_until - %(renewal_notice)s) THEN 'IN_FORCE'
                       WHEN s.awaits_us THEN 'AWAITING_REVIEW'
                       WHEN s.low_until > s.current_until THEN 'BELOW_MINIMUM'
                       ELSE 'DUE'
                   END
               WHEN s.awaits_us THEN 'AWAITING_REVIEW'
               WHEN s.low_now THEN 'BELOW_MINIMUM'
               WHEN s.past_until IS NULL THEN 'MISSING'
               ELSE 'LAPSED'
           END AS state
    FROM span s
    LEFT JOIN campaign k ON k.term = coalesce(s.current_until, s.past_until) AND s.exempt IS NULL
    LEFT JOIN campaign following ON following.year = k.year + 1
    CROSS JOIN LATERAL (SELECT k.year IS NOT NULL AND s.registered_on >= make_date(k.year, 1, 1) AS it) newcomer
    CROSS JOIN LATERAL (SELECT newcomer.it AND coalesce(%(day)s < following.opens_on, true) AS it) first
),
finding AS (
    SELECT w.registration_id, w.intermediary_id, w.category, w.kind, w.state,
           CASE WHEN w.exempt IS NULL THEN w.covered_until END AS covered_until,
           CASE WHEN w.exempt IS NULL THEN CASE WHEN dated.it THEN w.covered_until ELSE ahead.term END END AS term,
           CASE
               WHEN w.exempt IS NOT NULL THEN NULL
               -- One that ends alone runs as long as it counts as due; freezes move that clock, never the term.
               WHEN dated.it THEN
                   coalesce(w.filing_day, registry_after_freezes(w.covered_until, w.covered_until - %(renewal_notice)s))
               WHEN w.by_another THEN ahead.principals_due_on
               ELSE ahead.due_on
           END AS due_on,
           (w.exempt IS NULL AND dated.it AND w.too_new) AS first_validity,
           CASE
               WHEN w.exempt IS NOT NULL THEN ARRAY [w.exempt]
               WHEN w.renewed THEN ARRAY ['RENEWED']
               WHEN w.state = 'AWAITING_REVIEW' THEN ARRAY ['PAPER_AWAITS_US']
               WHEN w.state = 'BELOW_MINIMUM' THEN ARRAY ['AMOUNT_TOO_LOW']
               WHEN w.state = 'MISSING' THEN ARRAY ['NEVER_COVERED']
               WHEN w.state = 'LAPSED' THEN ARRAY ['COVER_ENDED']
               WHEN w.too_new THEN ARRAY ['FIRST_VALIDITY']
               WHEN w.state = 'DUE' THEN ARRAY [why.date]
               ELSE ARRAY ['COVERED', why.date]
           END AS reasons
    FROM weighed w
    -- One never asked in the campaign with which its cover ended is asked in the first that concerns it.
    CROSS JOIN LATERAL (
        SELECT w.current_until IS NOT NULL OR (w.state = 'LAPSED' AND NOT w.asked_next) AS it
    ) dated
    CROSS JOIN LATERAL (
        SELECT CASE WHEN w.opens_on IS NULL THEN 'ENDS_ALONE' ELSE 'ENDS_WITH_CAMPAIGN' END AS date
    ) why
    -- Looked for only where it is wanted: for few.
    LEFT JOIN campaign ahead ON ahead.year = CASE WHEN w.exempt IS NULL AND NOT dated.it THEN (
        SELECT k.year
        FROM campaign k
        WHERE k.expires_on >= %(day)s AND w.registered_on < make_date(k.year, 1, 1)
        ORDER BY k.expires_on
        LIMIT 1
    ) END
)
