-- The facts of the generated cases as one hand-written statement: newest observation, four clocks, standings, flags.
-- It leaves out what the generated cases never have (pauses, extensions, limits of the standard, times without an hour);
-- on these cases its columns equal the product's.
WITH cases AS (
  SELECT *, batch_no, file_row_number AS file_row FROM read_parquet('{parts}', file_row_number = true, filename = true)
    JOIN (SELECT path, batch AS batch_no FROM '{batches}') AS b ON filename = path
), newest AS (
  SELECT arg_max(batch_no << 32 | file_row, epoch_ms(exported_at)) AS spot FROM cases GROUP BY register, case_no
), people AS (
  SELECT hash(person_token, category) AS h FROM cases JOIN newest ON batch_no << 32 | file_row = spot
  WHERE person_token IS NOT NULL GROUP BY h HAVING count(*) > 1
), again AS (
  SELECT spot, lead(received_at) OVER (PARTITION BY person_token, category ORDER BY received_at, case_no) AS again_at
  FROM cases JOIN newest ON batch_no << 32 | file_row = spot
  WHERE person_token IS NOT NULL AND hash(person_token, category) IN (FROM people)
), office AS (SELECT *, CAST(date_text AS DATE) AS on_day FROM '{days}'),
timed AS (
  SELECT c.*, again.again_at::DATE - DATE '1970-01-01' AS again_day,
    d.day AS d0, d.before_day + {work_received} AS w0, coalesce(epoch(c.received_at)::BIGINT, 0) AS t0,
    s.before_day + {work_signed} AS w_signed, epoch(c.signed_at)::BIGINT AS t_signed,
    x.before_day + {work_dispatched} AS w_dispatched, epoch(c.dispatched_at)::BIGINT AS t_dispatched,
    r.before_day + {work_responded} AS w_responded, epoch(c.first_response_at)::BIGINT AS t_responded,
    z.day AS closed_on, z.before_day + {work_closed} AS w_closed, epoch(c.closed_at)::BIGINT AS t_closed,
    epoch(c.due_at)::BIGINT AS t_due
  FROM cases AS c JOIN newest ON c.batch_no << 32 | c.file_row = newest.spot LEFT JOIN again ON again.spot = newest.spot
    LEFT JOIN office AS d ON d.on_day = c.received_at::DATE LEFT JOIN office AS s ON s.on_day = c.signed_at::DATE
    LEFT JOIN office AS x ON x.on_day = c.dispatched_at::DATE
    LEFT JOIN office AS r ON r.on_day = c.first_response_at::DATE LEFT JOIN office AS z ON z.on_day = c.closed_at::DATE
), flagged AS (
  SELECT *, CASE WHEN closed_at IS NOT NULL OR state = 'closed' THEN 1 ELSE 0 END AS closed,
    CASE WHEN first_response_at IS NOT NULL OR reply_length > 0 THEN 1 ELSE 0 END AS replied,
    CASE WHEN first_response_at IS NOT NULL THEN 1 WHEN reply_length > 0 THEN NULL ELSE 0 END AS reply_end,
    CASE WHEN closed_at IS NOT NULL THEN 1 WHEN state = 'closed' THEN NULL ELSE 0 END AS close_end
  FROM timed
)
SELECT register, case_no, unit, channel, case_type, urgency, category, resolved, reply_fingerprint, batch_no AS batch,
  year(received_at) * 100 + month(received_at) AS month, d0 AS received_day,
  CASE WHEN closed = 1 THEN closed_on END AS closed_day, closed_on AS closing_day,
  coalesce(is_excluded, 0)::SMALLINT AS is_excluded, 0::SMALLINT AS is_duplicate, 0::SMALLINT AS is_withdrawn,
  0::SMALLINT AS is_not_responsible, replied::SMALLINT AS is_replied, closed::SMALLINT AS is_closed,
  (dispatched_at IS NOT NULL)::SMALLINT AS is_dispatched, (is_public_reply = 1)::SMALLINT AS is_published,
  1::SMALLINT AS is_public_known, (replied = 0 AND closed = 0 AND channel = 'website' AND d0 < {as_of_day} - 92)::SMALLINT
    AS is_unanswered_3_months,
  (n_returns > 0)::SMALLINT AS is_returned, 0::SMALLINT AS is_extended, 0::SMALLINT AS is_suspended,
  (n_reworks > 0)::SMALLINT AS is_rework, coalesce(resolved = 'yes', outcome = 'resolved', false)::SMALLINT
    AS is_claimed_resolved, coalesce(outcome = 'partly', false)::SMALLINT AS is_claimed_partly,
  (resolved IS NOT NULL OR outcome IS NOT NULL)::SMALLINT AS is_outcome_known,
  coalesce(closed = 1 AND person_token IS NOT NULL AND closed_on + 90 <= {as_of_day} AND again_day <= closed_on + 90,
    false)::SMALLINT AS is_repeated,
  coalesce(closed = 1 AND person_token IS NOT NULL AND closed_on + 90 <= {as_of_day}, false)::SMALLINT AS is_repeat_watched,
  1::SMALLINT AS is_return_known, 0::SMALLINT AS is_extension_known, 0::SMALLINT AS is_suspension_known,
  1::SMALLINT AS is_exclusion_known, 1::SMALLINT AS is_rework_known, 0::SMALLINT AS is_date_only,
  0::SMALLINT AS is_contradictory, contacted, valid_follow_up, rating, rating_scale, manner_grade, speed_grade, n_returns,
  (4 + 2 * closed + replied)::SMALLINT AS cells_required,
  (4 + closed * ((closed_at IS NOT NULL)::INT + (outcome IS NOT NULL)::INT) + replied * (first_response_at IS NOT NULL)::INT)
    ::SMALLINT AS cells_filled,
  1::SMALLINT AS sign_ended, w_signed - w_dispatched AS sign_seconds, t_signed - t_dispatched AS sign_calendar_seconds,
  CASE WHEN t_signed - t_dispatched <= 86400 THEN 1 ELSE 2 END::SMALLINT AS sign_strict, sign_strict AS sign_allowed,
  NULL::SMALLINT AS contact_ended, NULL::BIGINT AS contact_seconds, NULL::BIGINT AS contact_calendar_seconds,
  NULL::SMALLINT AS contact_strict, NULL::SMALLINT AS contact_allowed,
  reply_end::SMALLINT AS reply_ended, CASE reply_end WHEN 1 THEN w_responded WHEN 0 THEN {as_of_work} END - w0 AS reply_seconds,
  CASE reply_end WHEN 1 THEN t_responded WHEN 0 THEN {as_of_second} END - t0 AS reply_calendar_seconds,
  CASE WHEN reply_end IS NULL THEN NULL WHEN reply_calendar_seconds <= t_due - t0 THEN 4 - 3 * reply_end
    ELSE 3 - reply_end END::SMALLINT AS reply_strict, reply_strict AS reply_allowed,
  close_end::SMALLINT AS close_ended, CASE close_end WHEN 1 THEN w_closed WHEN 0 THEN {as_of_work} END - w0 AS close_seconds,
  CASE close_end WHEN 1 THEN t_closed WHEN 0 THEN {as_of_second} END - t0 AS close_calendar_seconds,
  CASE WHEN close_end IS NULL THEN NULL WHEN close_calendar_seconds <= t_due - t0 THEN 4 - 3 * close_end
    ELSE 3 - close_end END::SMALLINT AS close_strict, close_strict AS close_allowed,
  reply_calendar_seconds AS reply_used, CASE WHEN reply_end IS NOT NULL THEN t_due - t0 END AS reply_limit,
  close_calendar_seconds AS close_used, CASE WHEN close_end IS NOT NULL THEN t_due - t0 END AS close_limit
FROM flagged
