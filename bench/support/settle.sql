-- The settlement of docs/fund.md 2 in DuckDB's SQL: the rival of bench/fund.py, the best we found, equal to the fen (tests/bench).
-- Run by support/rival.py, which first makes:
--   terms(insurance, kind, level, is_tcm) -> deductible_fen, ratio_bp, cap_fen   one row a combination, bonus of TCM in the ratio
--   aided(aid_class) -> aid_bp                                                    one row a class, none = 0
--   macros mul(a, bp), tiers(x) and tiers_aided(x)
--   variables contract_deductible_bp, contract_ratio_bonus_bp, unreferred_penalty_bp, ratio_max_bp, aid_cap, amount_limit
--   view claims over the Parquet file, with file_row_number
-- Windows: the chain by (person, episode); U by (person, insurance, year, kind); O and R by (person, insurance,
-- year) over stays only, as visits have no part in them. Left out in the rival's favour: the order of the output rows.

CREATE OR REPLACE TEMP TABLE twice AS
SELECT claim_id FROM claims WHERE claim_id IS NOT NULL GROUP BY claim_id HAVING count(*) > 1;

CREATE OR REPLACE TEMP TABLE rejected AS
SELECT * FROM (
  SELECT file_row_number AS "row", claim_id, CASE
    WHEN claim_id IS NULL OR person_id IS NULL OR insurance IS NULL OR aid_class IS NULL OR institution_id IS NULL OR level IS NULL
      OR is_tcm IS NULL OR in_county IS NULL OR kind IS NULL OR start_date IS NULL OR end_date IS NULL OR referral IS NULL
      OR contracted IS NULL OR total_fen IS NULL OR excluded_fen IS NULL OR copay_first_fen IS NULL THEN 'null'
    WHEN claim_id IN (SELECT claim_id FROM twice) THEN 'duplicate'
    WHEN least(total_fen, excluded_fen, copay_first_fen) < 0
      OR greatest(total_fen, excluded_fen, copay_first_fen) > getvariable('amount_limit') THEN 'amount'
    WHEN total_fen - excluded_fen - copay_first_fen < 0 THEN 'eligible'
    WHEN end_date < start_date THEN 'dates'
    WHEN level NOT IN ('village', 'township', 'county', 'city', 'province') OR kind NOT IN ('inpatient', 'outpatient')
      OR insurance NOT IN ('resident', 'employee') OR referral NOT IN ('none', 'up', 'down', 'exempt')
      OR aid_class NOT IN ('none', 'low_income', 'extreme_poverty') THEN 'unknown'
    END AS code
  FROM claims)
WHERE code IS NOT NULL;

COPY (SELECT * FROM rejected ORDER BY "row") TO '{rejected}' (FORMAT parquet);

COPY (
  WITH valid AS (
    SELECT claim_id, person_id, insurance, year(end_date) AS year, kind, aid_class <> 'none' AS poor, aid_bp, episode_id,
      end_date, start_date, total_fen, total_fen - excluded_fen - copay_first_fen AS eligible, referral = 'down' AS goes_down,
      CASE WHEN kind = 'inpatient' AND contracted AND referral IN ('up', 'exempt')
        THEN mul(deductible_fen, getvariable('contract_deductible_bp')) ELSE deductible_fen END AS final,
      least(greatest(ratio_bp + CASE WHEN contracted AND referral <> 'none' THEN getvariable('contract_ratio_bonus_bp') ELSE 0 END
        - CASE WHEN NOT in_county AND referral = 'none' THEN getvariable('unreferred_penalty_bp') ELSE 0 END, 0),
        getvariable('ratio_max_bp')) AS ratio, cap_fen
    FROM claims JOIN terms USING (insurance, kind, level, is_tcm) JOIN aided USING (aid_class)
    WHERE file_row_number NOT IN (SELECT "row" FROM rejected)
  ), chained AS (
    SELECT *, CASE WHEN kind = 'outpatient' THEN final WHEN goes_down THEN 0 ELSE greatest(0, final - m) END AS due
    FROM (
      SELECT *, coalesce(max(final) OVER (PARTITION BY person_id, episode_id ORDER BY end_date, start_date, claim_id
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS m
      FROM valid WHERE kind = 'inpatient' AND episode_id IS NOT NULL)
    UNION ALL BY NAME
    SELECT *, 0 AS m, CASE WHEN kind = 'inpatient' AND goes_down THEN 0 ELSE final END AS due
    FROM valid WHERE kind = 'outpatient' OR episode_id IS NULL
  ), shared AS (
    SELECT *, least(eligible, due) AS deductible, mul(eligible - least(eligible, due), ratio) AS u FROM chained
  ), based AS (
    SELECT *, least(cap_fen, share_sum) - least(cap_fen, share_sum - u) AS basic FROM (
      SELECT *, (sum(u) OVER (PARTITION BY person_id, insurance, year, kind ORDER BY end_date, start_date, claim_id
        ROWS UNBOUNDED PRECEDING))::BIGINT AS share_sum FROM shared)
  ), burdened AS (
    SELECT *, CASE WHEN poor THEN tiers_aided(burden_sum) - tiers_aided(burden_sum - o)
      ELSE tiers(burden_sum) - tiers(burden_sum - o) END AS serious FROM (
      SELECT *, eligible - basic AS o, (sum(eligible - basic) OVER (PARTITION BY person_id, insurance, year
        ORDER BY end_date, start_date, claim_id ROWS UNBOUNDED PRECEDING))::BIGINT AS burden_sum
      FROM based WHERE kind = 'inpatient')
  ), helped AS (
    SELECT *, CASE WHEN poor THEN least(getvariable('aid_cap'), mul(rest_sum, aid_bp))
      - least(getvariable('aid_cap'), mul(rest_sum - (o - serious), aid_bp)) ELSE 0 END AS aid FROM (
      SELECT *, (sum(o - serious) OVER (PARTITION BY person_id, insurance, year
        ORDER BY end_date, start_date, claim_id ROWS UNBOUNDED PRECEDING))::BIGINT AS rest_sum FROM burdened)
  )
  SELECT claim_id, deductible AS deductible_fen, ratio::INTEGER AS ratio_bp, basic AS basic_fen, serious AS serious_fen,
    aid AS aid_fen, total_fen - basic - serious - aid AS person_pays_fen
  FROM helped
  UNION ALL
  SELECT claim_id, deductible, ratio::INTEGER, basic, 0, 0, total_fen - basic FROM based WHERE kind = 'outpatient'
) TO '{out}' (FORMAT parquet);
