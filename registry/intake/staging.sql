-- What a staged file would do to the register, and doing it. Statements are named by "-- name:" lines.

-- name: create
-- A register sorted on disk takes twice as long; samples of one in ten say enough of tables that nobody else reads.
SET LOCAL work_mem = '64MB';
SET LOCAL default_statistics_target = 10;
-- A second file in the same transaction finds the first one's tables.
DROP TABLE IF EXISTS pg_temp.staged, pg_temp.staged_person, pg_temp.staged_registration, pg_temp.staged_cover;
CREATE TEMPORARY TABLE staged (
    line integer NOT NULL, orias_number text NOT NULL, siren text NOT NULL, name text NOT NULL,
    trade_name text NOT NULL, legal_form text NOT NULL, email text NOT NULL, phone_e164 text NOT NULL,
    phone_key text NOT NULL, address text NOT NULL, postcode text NOT NULL, town text NOT NULL,
    category text NOT NULL, filer text NOT NULL, principal_bears_liability boolean NOT NULL, status text NOT NULL,
    registered_on date NOT NULL, removed_on date, holds_client_funds boolean NOT NULL,
    rc_issuer text, rc_policy text, rc_starts_on date, rc_ends_on date, rc_amount bigint, rc_annual bigint,
    gf_issuer text, gf_policy text, gf_starts_on date, gf_ends_on date, gf_amount bigint,
    gf_annual bigint
) ON COMMIT DROP

-- name: copy
COPY staged FROM STDIN

-- name: analyze
ANALYZE staged (orias_number, siren, category)

-- name: analyze_parts
ANALYZE staged_person (orias_number, intermediary_id, changed),
        staged_registration (line, orias_number, registration_id, changed),
        staged_cover (line, orias_number, cover_id, changed)

-- name: analyze_register
-- Before the findings: the planner must know that an empty register is empty no longer.
SET LOCAL default_statistics_target = DEFAULT;
ANALYZE registry_intermediary (id, orias_number, siren, facts_version, merged_into_id),
        registry_registration (id, intermediary_id, category, registered_on, removed_on, suspended_on),
        registry_cover (id, intermediary_id, kind, categories, status)

-- name: conflicts
-- A SIREN that the register has given to another number.
SELECT s.line, s.siren, i.orias_number
FROM staged s JOIN registry_intermediary i ON i.siren = s.siren AND i.orias_number <> s.orias_number
WHERE s.siren <> ''
ORDER BY s.line

-- name: merged
-- A number that leads to another takes nothing any more.
SELECT s.line, s.orias_number, k.orias_number
FROM staged s
JOIN registry_intermediary i ON i.orias_number = s.orias_number
JOIN registry_intermediary k ON k.id = i.merged_into_id
ORDER BY s.line

-- name: drop_lines
DELETE FROM staged WHERE line = ANY (%(lines)s)

-- name: person
CREATE TEMPORARY TABLE staged_person ON COMMIT DROP AS
SELECT DISTINCT ON (s.orias_number) s.*, i.id AS intermediary_id,
       i.id IS NOT NULL AND (i.siren, i.name, i.trade_name, i.legal_form, i.email, i.phone_e164, i.phone_key, i.address,
                             i.postcode, i.town)
       IS DISTINCT FROM (s.siren, s.name, s.trade_name, s.legal_form, s.email, s.phone_e164, s.phone_key, s.address,
                         s.postcode, s.town) AS changed
FROM staged s LEFT JOIN registry_intermediary i ON i.orias_number = s.orias_number
ORDER BY s.orias_number, s.line

-- name: registration
CREATE TEMPORARY TABLE staged_registration ON COMMIT DROP AS
SELECT s.line, s.orias_number, s.category, s.status, s.registered_on, s.removed_on, s.holds_client_funds, s.filer,
       s.principal_bears_liability, r.id AS registration_id, r.intermediary_id,
       r.id IS NOT NULL AND (r.registered_on, r.removed_on, r.holds_client_funds, r.filer, r.principal_bears_liability)
       IS DISTINCT FROM (s.registered_on, s.removed_on, s.holds_client_funds, s.filer, s.principal_bears_liability)
       AS changed,
       r.id IS NOT NULL AND r.removed_on IS NULL AND s.removed_on IS NOT NULL AS newly_removed
FROM staged s
LEFT JOIN registry_intermediary i ON i.orias_number = s.orias_number
LEFT JOIN registry_registration r ON r.intermediary_id = i.id AND r.category = s.category

-- name: cover
CREATE TEMPORARY TABLE staged_cover ON COMMIT DROP AS
SELECT p.*, c.id AS cover_id,
       c.id IS NOT NULL AND (c.issuer, c.policy, c.ends_on, c.amount_cents, c.annual_cents)
       IS DISTINCT FROM (p.issuer, p.policy, p.ends_on, p.amount_cents, p.annual_cents) AS changed
FROM (
    SELECT line, orias_number, 'RC_PRO' AS kind, category, rc_issuer AS issuer, rc_policy AS policy,
           rc_starts_on AS starts_on, rc_ends_on AS ends_on, rc_amount AS amount_cents, rc_annual AS annual_cents
    FROM staged WHERE rc_starts_on IS NOT NULL
    UNION ALL
    SELECT line, orias_number, 'FINANCIAL_GUARANTEE', category, gf_issuer, gf_policy, gf_starts_on, gf_ends_on, gf_amount,
           gf_annual
    FROM staged WHERE gf_starts_on IS NOT NULL
) p
LEFT JOIN registry_intermediary i ON i.orias_number = p.orias_number
LEFT JOIN registry_cover c ON c.intermediary_id = i.id AND c.kind = p.kind AND c.channel = 'IMPORT'
                          AND c.categories = ARRAY [p.category]::varchar(3)[] AND c.starts_on = p.starts_on

-- name: compare
SELECT count(*) FILTER (WHERE is_new) AS new,
       count(*) FILTER (WHERE NOT is_new AND is_changed) AS changed,
       count(*) FILTER (WHERE NOT is_new AND NOT is_changed) AS unchanged
FROM (
    SELECT r.registration_id IS NULL AS is_new,
           r.changed OR p.changed OR c.line IS NOT NULL AS is_changed
    FROM staged_registration r
    JOIN staged_person p ON p.orias_number = r.orias_number
    LEFT JOIN (SELECT DISTINCT line FROM staged_cover WHERE cover_id IS NULL OR changed) c ON c.line = r.line
) row

-- name: removals
SELECT (SELECT count(*) FROM staged_registration WHERE newly_removed),
       (SELECT count(*) FROM registry_registration WHERE removed_on IS NULL)

-- name: insert_persons
INSERT INTO registry_intermediary (orias_number, siren, name, trade_name, legal_form, email, phone_e164, phone_key,
                                   address, postcode, town, language)
SELECT orias_number, siren, name, trade_name, legal_form, email, phone_e164, phone_key, address, postcode, town, 'fr'
FROM staged_person WHERE intermediary_id IS NULL
ORDER BY orias_number

-- name: update_persons
UPDATE registry_intermediary i
SET siren = s.siren, name = s.name, trade_name = s.trade_name, legal_form = s.legal_form, email = s.email,
    phone_e164 = s.phone_e164, phone_key = s.phone_key, address = s.address, postcode = s.postcode, town = s.town
FROM staged_person s
WHERE s.changed AND i.id = s.intermediary_id

-- name: insert_registrations
INSERT INTO registry_registration (intermediary_id, category, filer, holds_client_funds, funds_mandate,
                                   principal_bears_liability, registered_on, removed_on)
SELECT i.id, s.category, s.filer, s.holds_client_funds, false, s.principal_bears_liability, s.registered_on,
       s.removed_on
FROM staged_registration s JOIN registry_intermediary i ON i.orias_number = s.orias_number
WHERE s.registration_id IS NULL
ORDER BY i.id, s.category

-- name: update_registrations
UPDATE registry_registration r
SET registered_on = s.registered_on, removed_on = s.removed_on, holds_client_funds = s.holds_client_funds,
    filer = s.filer, principal_bears_liability = s.principal_bears_liability
FROM staged_registration s
WHERE s.changed AND r.id = s.registration_id

-- name: insert_decisions
-- A removal is an act, not a date: the file reports the one that was taken (I11).
INSERT INTO registry_decision (intermediary_id, registration_id, kind, authority, decided_on, act_reference, reason,
                               recorded_by_id, register_import_id)
SELECT r.intermediary_id, r.id, CASE s.status WHEN 'STRUCK_OFF' THEN 'STRIKING_OFF' ELSE 'REMOVAL' END, 'COMMISSION',
       s.removed_on, %(act)s, %(why)s, %(by)s, %(file)s
FROM staged_registration s
JOIN registry_intermediary i ON i.orias_number = s.orias_number
JOIN registry_registration r ON r.intermediary_id = i.id AND r.category = s.category
WHERE s.removed_on IS NOT NULL AND (s.registration_id IS NULL OR s.changed)
ON CONFLICT DO NOTHING

-- name: insert_covers
INSERT INTO registry_cover (intermediary_id, kind, categories, issuer, policy, starts_on, ends_on, amount_cents,
                            annual_cents, status, channel, deposited_on)
SELECT i.id, s.kind, ARRAY [s.category], s.issuer, s.policy, s.starts_on, s.ends_on, s.amount_cents, s.annual_cents,
       'ACCEPTED', 'IMPORT', %(day)s
FROM staged_cover s JOIN registry_intermediary i ON i.orias_number = s.orias_number
WHERE s.cover_id IS NULL
ORDER BY i.id

-- name: update_covers
UPDATE registry_cover c
SET issuer = s.issuer, policy = s.policy, ends_on = s.ends_on, amount_cents = s.amount_cents,
    annual_cents = s.annual_cents
FROM staged_cover s
WHERE s.changed AND c.id = s.cover_id

-- name: bump_at_the_end
-- From here on the triggers leave facts_version alone in this transaction; `bump` must follow.
-- No trigger is to be ignored: said so that each need not find out by an error that is caught, for which PostgreSQL goes
-- through all checks that wait for the commit. For 19,000 removals among 1,000,000 rows that took minutes.
SELECT set_config('register.bumped_at_the_end', pg_current_xact_id()::text, true),
       set_config('pgtrigger.ignore', '{}', true)

-- name: bump
-- Once for each intermediary that was there before and whose registrations or covers were written. A new one starts
-- at 1, and nobody has read it yet; a change of the person itself is counted by its own trigger.
UPDATE registry_intermediary i
SET facts_version = i.facts_version + 1
FROM staged_person p
WHERE i.id = p.intermediary_id
  AND i.orias_number IN (
      SELECT orias_number FROM staged_registration WHERE registration_id IS NULL OR changed
      UNION SELECT orias_number FROM staged_cover WHERE cover_id IS NULL OR changed
  )

-- name: bump_at_once_again
SELECT set_config('register.bumped_at_the_end', '', true)

-- name: touched
SELECT i.id
FROM registry_intermediary i
WHERE i.orias_number IN (
    SELECT orias_number FROM staged_person WHERE intermediary_id IS NULL OR changed
    UNION SELECT orias_number FROM staged_registration WHERE registration_id IS NULL OR changed
    UNION SELECT orias_number FROM staged_cover WHERE cover_id IS NULL OR changed
)
