-- The signals that run on the narrow demo, written by hand for 2026-10-31 with every threshold as a number.
-- One pass over each table, one row per household and per person kept, then one branch per rule. (One list of cases,
-- unnested, was tried too and is slower; so is `MAP {…}` in place of a struct cast to a map.) Findings equal Khotail's.
WITH income AS (
    SELECT household_id,
           max(net) FILTER (WHERE income_year = 2026) AS net,
           max(net / nullif(members, 0)) FILTER (WHERE income_year = 2026) AS net_per_capita,
           max(net / nullif(members, 0)) FILTER (WHERE income_year = 2025) AS net_per_capita_2025,
           max(net / nullif(members, 0)) FILTER (WHERE income_year = 2024) AS net_per_capita_2024,
           max((net - policy_transfer_cny) / nullif(members, 0)) FILTER (WHERE income_year = 2026) AS without_policy,
           max(gross) FILTER (WHERE income_year = 2026) AS gross,
           max(policy_transfer_cny) FILTER (WHERE income_year = 2026) AS policy,
           max(wage_cny) FILTER (WHERE income_year = 2026) AS wage,
           max(wage_cny) FILTER (WHERE income_year = 2025) AS wage_2025,
           max(wage_cny / nullif(gross, 0)) FILTER (WHERE income_year = 2025) AS wage_share_2025,
           max(business_cny - cost_cny) FILTER (WHERE income_year = 2026) AS business,
           max(business_cny - cost_cny) FILTER (WHERE income_year = 2025) AS business_2025
      FROM (SELECT *, wage_cny + business_cny + property_cny + transfer_cny AS gross,
                   wage_cny + business_cny + property_cny + transfer_cny - cost_cny AS net
              FROM incomes
             WHERE income_year BETWEEN 2024 AND 2026)
     GROUP BY household_id
),
death AS (
    SELECT household_id, person_id, max(occurred_on) AS died_on
      FROM incidents
     WHERE incident = '死亡' AND occurred_on <= DATE '2026-10-31'
     GROUP BY household_id, person_id
),
member AS (
    SELECT household_id,
           count(*) FILTER (WHERE present) AS size,
           count(*) FILTER (WHERE present AND contains(health, '残疾')) AS disabled,
           count(*) FILTER (WHERE present AND contains(health, '大病')) AS seriously_ill,
           count(*) FILTER (WHERE present AND contains(health, '慢性病')) AS chronically_ill,
           count(*) FILTER (WHERE present AND labour IN ('普通劳动力', '技能劳动力')) AS workers,
           count(*) FILTER (WHERE present AND coalesce(labour NOT IN ('丧失劳动力', '无劳动力'), true)) AS may_work,
           count(*) FILTER (WHERE present AND age >= 60) AS elderly,
           count(*) FILTER (WHERE present AND age < 18) AS minors,
           count(*) FILTER (WHERE present AND coalesce(age >= 18, true)) AS adults,
           count(*) FILTER (WHERE labour IN ('普通劳动力', '技能劳动力')
                              AND datesub('month', died_on, DATE '2026-10-31') < 6) AS breadwinners_lost
      FROM (SELECT household_id, health, labour, died_on, NOT coalesce(has_left, false) AS present,
                   datesub('year', birth_date, DATE '2026-10-31') AS age
              FROM persons LEFT JOIN death USING (household_id, person_id))
     GROUP BY household_id
),
event AS (
    SELECT household_id,
           max(occurred_on) FILTER (WHERE incident = '交通事故') AS traffic_accident_on,
           max(occurred_on) FILTER (WHERE incident = '工伤') AS work_injury_on,
           max(occurred_on) FILTER (WHERE incident = '刑事案件') AS crime_on,
           max(occurred_on) FILTER (WHERE incident = '火灾') AS fire_on,
           max(occurred_on) FILTER (WHERE incident = '产业失败') AS failed_business_on,
           max(occurred_on) FILTER (WHERE incident = '价格大跌') AS price_fall_on,
           coalesce(sum(incident_cost_cny) FILTER (WHERE incident IN ('交通事故', '工伤', '刑事案件', '火灾')
                                                    AND occurred_on > DATE '2025-10-31'), 0) AS accident_cost,
           count(*) FILTER (WHERE incident = '信访' AND datesub('month', occurred_on, DATE '2026-10-31') < 3) AS petitions,
           count(*) FILTER (WHERE incident = '热线求助' AND datesub('month', occurred_on, DATE '2026-10-31') < 3) AS calls,
           count(*) FILTER (WHERE incident = '网络线索' AND datesub('month', occurred_on, DATE '2026-10-31') < 3) AS leads
      FROM incidents
     WHERE occurred_on <= DATE '2026-10-31'
     GROUP BY household_id
),
disaster AS (
    SELECT household_id,
           coalesce(sum(coalesce(loss_cny, 0) - coalesce(paid_cny, 0)) FILTER (WHERE recent), 0) AS net_loss,
           string_agg(DISTINCT disaster, '、' ORDER BY disaster) FILTER (WHERE recent) AS kinds,
           coalesce(sum(crop_damaged_mu) FILTER (WHERE recent), 0) AS crop_mu,
           coalesce(sum(animals_lost) FILTER (WHERE recent), 0) AS animals,
           max(happened_on) FILTER (WHERE disaster = '动物疫病') AS animal_disease_on
      FROM (SELECT *, happened_on > DATE '2025-10-31' AS recent FROM disaster_losses WHERE happened_on <= DATE '2026-10-31')
     GROUP BY household_id
),
job AS (
    SELECT household_id, count(*) AS losses
      FROM employment
     WHERE end_reason = '失业' AND spell_end_on <= DATE '2026-10-31'
       AND datesub('month', spell_end_on, DATE '2026-10-31') < 6
     GROUP BY household_id
),
medical AS (
    SELECT household_id,
           coalesce(sum(self_paid_cny) FILTER (WHERE treatment = '住院' AND paid_on > DATE '2025-10-31'), 0) AS inpatient,
           coalesce(sum(self_paid_cny) FILTER (WHERE treatment = '门诊' AND paid_on > DATE '2026-07-31'), 0) / 3 AS outpatient,
           coalesce(sum(self_paid_cny) FILTER (WHERE paid_on > DATE '2025-10-31'), 0) AS paid,
           coalesce(sum(self_paid_cny) FILTER (WHERE paid_on <= DATE '2025-10-31'), 0) AS paid_before
      FROM medical_costs
     WHERE paid_on > DATE '2024-10-31' AND paid_on <= DATE '2026-10-31'
     GROUP BY household_id
),
household AS MATERIALIZED (
    SELECT household_id, region_code, cropland_mu, safe_water,
           household_type = '脱贫户' AS exited,
           monitored_type IS NOT NULL AS monitored,
           monitored_type IS NOT NULL AND NOT coalesce(risk_resolved, false) AS watched,
           monitored_type IS NOT NULL AND coalesce(risk_resolved, false) AS resolved,
           income.* EXCLUDE (household_id),
           CASE WHEN net_per_capita_2025 > 0 THEN net_per_capita / net_per_capita_2025 - 1 END AS income_change,
           CASE WHEN wage_2025 > 0 THEN wage / wage_2025 - 1 END AS wage_change,
           CASE WHEN business_2025 > 0 THEN business / business_2025 - 1 END AS business_change,
           CASE WHEN gross > 0 THEN policy / gross END AS policy_share,
           coalesce(size, 0) AS size, coalesce(disabled, 0) AS disabled, coalesce(seriously_ill, 0) AS seriously_ill,
           coalesce(chronically_ill, 0) AS chronically_ill, coalesce(workers, 0) AS workers,
           coalesce(size > 0 AND may_work = 0, false) AS helpless, coalesce(elderly, 0) AS elderly,
           coalesce(minors, 0) AS minors, coalesce(adults, 0) AS adults,
           coalesce(breadwinners_lost, 0) AS breadwinners_lost,
           traffic_accident_on, work_injury_on, crime_on, fire_on, failed_business_on, price_fall_on,
           coalesce(accident_cost, 0) AS accident_cost, coalesce(petitions, 0) AS petitions,
           coalesce(calls, 0) AS calls, coalesce(leads, 0) AS leads,
           coalesce(net_loss, 0) AS net_loss, kinds, coalesce(crop_mu, 0) AS crop_mu, coalesce(animals, 0) AS animals,
           animal_disease_on, CASE WHEN net > 0 THEN coalesce(net_loss, 0) / net END AS loss_share,
           coalesce(losses, 0) AS job_losses,
           coalesce(inpatient, 0) AS inpatient, coalesce(outpatient, 0) AS outpatient,
           coalesce(paid, 0) AS paid, coalesce(paid_before, 0) AS paid_before
      FROM households
      LEFT JOIN income USING (household_id)
      LEFT JOIN member USING (household_id)
      LEFT JOIN event USING (household_id)
      LEFT JOIN disaster USING (household_id)
      LEFT JOIN job USING (household_id)
      LEFT JOIN medical USING (household_id)
),
certificate AS (
    SELECT household_id, person_id,
           arg_max(disability_grade, certified_on) FILTER (WHERE disability_grade IS NOT NULL) AS grade,
           max(certified_on) AS certified_on, min(certified_on) AS first_certified_on
      FROM disabilities
     WHERE certified_on <= DATE '2026-10-31'
     GROUP BY household_id, person_id
),
work AS (
    SELECT household_id, person_id,
           max(spell_end_on) FILTER (WHERE end_reason = '工伤' AND spell_end_on <= DATE '2026-10-31') AS injured_on,
           coalesce(bool_or(spell_start_on <= DATE '2026-10-31' AND coalesce(spell_end_on > DATE '2026-10-31', true)), false) AS employed
      FROM employment
     GROUP BY household_id, person_id
),
own_medical AS (
    SELECT household_id, person_id, sum(self_paid_cny) AS own_paid
      FROM medical_costs
     WHERE paid_on > DATE '2025-10-31' AND paid_on <= DATE '2026-10-31'
     GROUP BY household_id, person_id
),
person AS MATERIALIZED (
    SELECT household_id, person_id, region_code, NOT coalesce(has_left, false) AS present,
           household_type = '脱贫户' AS exited, monitored_type IS NOT NULL AS monitored,
           datesub('year', birth_date, DATE '2026-10-31') AS age, resident_medical_insurance, employee_medical_insurance,
           grade, certified_on, first_certified_on, injured_on, coalesce(employed, false) AS employed,
           coalesce(own_paid, 0) AS own_paid
      FROM persons
      LEFT JOIN households USING (household_id)
      LEFT JOIN certificate USING (household_id, person_id)
      LEFT JOIN work USING (household_id, person_id)
      LEFT JOIN own_medical USING (household_id, person_id)
)
SELECT 'household' AS level, 'traffic-accident' AS rule_id, 'medium' AS severity, 'accident' AS cause, household_id AS subject_id, household_id, CAST(NULL AS VARCHAR) AS person_id, region_code, CAST({'traffic_accident_on': CAST(traffic_accident_on AS VARCHAR), 'accident_cost_12m': CAST(accident_cost AS VARCHAR), ':recent_months': '6'} AS MAP(VARCHAR, VARCHAR)) AS "values", DATE '2026-10-31' AS as_of
  FROM household
 WHERE datesub('month', traffic_accident_on, DATE '2026-10-31') < 6
UNION ALL
SELECT 'household' AS level, 'work-injury' AS rule_id, 'high' AS severity, 'accident' AS cause, household_id AS subject_id, household_id, CAST(NULL AS VARCHAR) AS person_id, region_code, CAST({'work_injury_on': CAST(work_injury_on AS VARCHAR), ':recent_months': '6'} AS MAP(VARCHAR, VARCHAR)) AS "values", DATE '2026-10-31' AS as_of
  FROM household
 WHERE datesub('month', work_injury_on, DATE '2026-10-31') < 6
UNION ALL
SELECT 'household' AS level, 'crime-victim' AS rule_id, 'medium' AS severity, 'accident' AS cause, household_id AS subject_id, household_id, CAST(NULL AS VARCHAR) AS person_id, region_code, CAST({'crime_on': CAST(crime_on AS VARCHAR), ':recent_months': '6'} AS MAP(VARCHAR, VARCHAR)) AS "values", DATE '2026-10-31' AS as_of
  FROM household
 WHERE datesub('month', crime_on, DATE '2026-10-31') < 6
UNION ALL
SELECT 'household' AS level, 'house-fire' AS rule_id, 'high' AS severity, 'accident' AS cause, household_id AS subject_id, household_id, CAST(NULL AS VARCHAR) AS person_id, region_code, CAST({'house_fire_on': CAST(fire_on AS VARCHAR), ':recent_months': '6'} AS MAP(VARCHAR, VARCHAR)) AS "values", DATE '2026-10-31' AS as_of
  FROM household
 WHERE datesub('month', fire_on, DATE '2026-10-31') < 6
UNION ALL
SELECT 'household' AS level, 'accident-cost' AS rule_id, 'high' AS severity, 'accident' AS cause, household_id AS subject_id, household_id, CAST(NULL AS VARCHAR) AS person_id, region_code, CAST({'accident_cost_12m': CAST(accident_cost AS VARCHAR), ':accident_cost_line': '5000'} AS MAP(VARCHAR, VARCHAR)) AS "values", DATE '2026-10-31' AS as_of
  FROM household
 WHERE accident_cost >= 5000
UNION ALL
SELECT 'household' AS level, 'failed-business' AS rule_id, 'high' AS severity, 'business' AS cause, household_id AS subject_id, household_id, CAST(NULL AS VARCHAR) AS person_id, region_code, CAST({'failed_business_on': CAST(failed_business_on AS VARCHAR), ':recent_months': '6'} AS MAP(VARCHAR, VARCHAR)) AS "values", DATE '2026-10-31' AS as_of
  FROM household
 WHERE datesub('month', failed_business_on, DATE '2026-10-31') < 6
UNION ALL
SELECT 'household' AS level, 'price-fall' AS rule_id, 'medium' AS severity, 'business' AS cause, household_id AS subject_id, household_id, CAST(NULL AS VARCHAR) AS person_id, region_code, CAST({'price_fall_on': CAST(price_fall_on AS VARCHAR), 'business_net_previous': CAST(business_2025 AS VARCHAR), ':recent_months': '6'} AS MAP(VARCHAR, VARCHAR)) AS "values", DATE '2026-10-31' AS as_of
  FROM household
 WHERE datesub('month', price_fall_on, DATE '2026-10-31') < 6 AND coalesce(business_2025 > 0, true)
UNION ALL
SELECT 'household' AS level, 'business-collapse' AS rule_id, 'medium' AS severity, 'business' AS cause, household_id AS subject_id, household_id, CAST(NULL AS VARCHAR) AS person_id, region_code, CAST({'business_change_share': CAST(business_change AS VARCHAR), 'net_income_per_capita_collected': CAST(net_per_capita AS VARCHAR), 'business_net_previous': CAST(business_2025 AS VARCHAR), 'business_net_year': CAST(business AS VARCHAR), ':business_fall_share': '0.5', ':monitoring_line': '6000', ':hardship_scope': '3'} AS MAP(VARCHAR, VARCHAR)) AS "values", DATE '2026-10-31' AS as_of
  FROM household
 WHERE business_change <= -0.5 AND net_per_capita < 18000
UNION ALL
SELECT 'household' AS level, 'business-loss' AS rule_id, 'medium' AS severity, 'business' AS cause, household_id AS subject_id, household_id, CAST(NULL AS VARCHAR) AS person_id, region_code, CAST({'business_net_year': CAST(business AS VARCHAR)} AS MAP(VARCHAR, VARCHAR)) AS "values", DATE '2026-10-31' AS as_of
  FROM household
 WHERE business < 0
UNION ALL
SELECT 'household' AS level, 'several-disabled' AS rule_id, 'medium' AS severity, 'disability' AS cause, household_id AS subject_id, household_id, CAST(NULL AS VARCHAR) AS person_id, region_code, CAST({'members_disabled': CAST(disabled AS VARCHAR), 'is_under_watch': CAST(watched AS VARCHAR), 'household_size': CAST(size AS VARCHAR), ':disabled_line': '2'} AS MAP(VARCHAR, VARCHAR)) AS "values", DATE '2026-10-31' AS as_of
  FROM household
 WHERE disabled >= 2 AND NOT watched
UNION ALL
SELECT 'household' AS level, 'disaster-loss' AS rule_id, 'high' AS severity, 'disaster' AS cause, household_id AS subject_id, household_id, CAST(NULL AS VARCHAR) AS person_id, region_code, CAST({'disaster_loss_share': CAST(loss_share AS VARCHAR), 'disaster_net_loss_12m': CAST(net_loss AS VARCHAR), 'disaster_kinds_12m': kinds, ':disaster_loss_share_line': '0.3', ':disaster_loss_line': '10000'} AS MAP(VARCHAR, VARCHAR)) AS "values", DATE '2026-10-31' AS as_of
  FROM household
 WHERE net_loss > 0 AND coalesce(loss_share >= 0.3, net_loss >= 10000)
UNION ALL
SELECT 'household' AS level, 'crop-damage' AS rule_id, 'medium' AS severity, 'disaster' AS cause, household_id AS subject_id, household_id, CAST(NULL AS VARCHAR) AS person_id, region_code, CAST({'crop_damaged_mu_12m': CAST(crop_mu AS VARCHAR), 'cropland_mu': CAST(cropland_mu AS VARCHAR), ':crop_damage_share_line': '0.3'} AS MAP(VARCHAR, VARCHAR)) AS "values", DATE '2026-10-31' AS as_of
  FROM household
 WHERE crop_mu > 0 AND crop_mu >= cropland_mu * 0.3
UNION ALL
SELECT 'household' AS level, 'several-job-losses' AS rule_id, 'high' AS severity, 'employment' AS cause, household_id AS subject_id, household_id, CAST(NULL AS VARCHAR) AS person_id, region_code, CAST({'job_losses_recent': CAST(job_losses AS VARCHAR), ':recent_months': '6', ':job_losses_line': '2'} AS MAP(VARCHAR, VARCHAR)) AS "values", DATE '2026-10-31' AS as_of
  FROM household
 WHERE job_losses >= 2
UNION ALL
SELECT 'household' AS level, 'wage-fall' AS rule_id, 'medium' AS severity, 'employment' AS cause, household_id AS subject_id, household_id, CAST(NULL AS VARCHAR) AS person_id, region_code, CAST({'wage_change_share': CAST(wage_change AS VARCHAR), 'wage_share_previous': CAST(wage_share_2025 AS VARCHAR), 'net_income_per_capita_collected': CAST(net_per_capita AS VARCHAR), 'wage_income_previous': CAST(wage_2025 AS VARCHAR), 'wage_income_year': CAST(wage AS VARCHAR), ':wage_fall_share': '0.3', ':wage_dependence_share': '0.5', ':monitoring_line': '6000', ':hardship_scope': '3'} AS MAP(VARCHAR, VARCHAR)) AS "values", DATE '2026-10-31' AS as_of
  FROM household
 WHERE wage_change <= -0.3 AND wage_share_2025 >= 0.5 AND net_per_capita < 18000
UNION ALL
SELECT 'household' AS level, 'inpatient-burden' AS rule_id, 'medium' AS severity, 'illness' AS cause, household_id AS subject_id, household_id, CAST(NULL AS VARCHAR) AS person_id, region_code, CAST({'inpatient_self_paid_12m': CAST(inpatient AS VARCHAR), 'is_exited': CAST(exited AS VARCHAR), 'is_monitored': CAST(monitored AS VARCHAR), ':inpatient_line_exited': '5000', ':inpatient_line_other': '20000'} AS MAP(VARCHAR, VARCHAR)) AS "values", DATE '2026-10-31' AS as_of
  FROM household
 WHERE inpatient >= CASE WHEN exited OR monitored THEN 5000 ELSE 20000 END
UNION ALL
SELECT 'household' AS level, 'outpatient-burden' AS rule_id, 'low' AS severity, 'illness' AS cause, household_id AS subject_id, household_id, CAST(NULL AS VARCHAR) AS person_id, region_code, CAST({'outpatient_self_paid_monthly': CAST(outpatient AS VARCHAR), ':outpatient_month_line': '500'} AS MAP(VARCHAR, VARCHAR)) AS "values", DATE '2026-10-31' AS as_of
  FROM household
 WHERE outpatient >= 500
UNION ALL
SELECT 'household' AS level, 'medical-cost-surge' AS rule_id, 'medium' AS severity, 'illness' AS cause, household_id AS subject_id, household_id, CAST(NULL AS VARCHAR) AS person_id, region_code, CAST({'medical_self_paid_12m': CAST(paid AS VARCHAR), 'medical_self_paid_previous_12m': CAST(paid_before AS VARCHAR), ':medical_surge_times': '3', ':inpatient_line_exited': '5000'} AS MAP(VARCHAR, VARCHAR)) AS "values", DATE '2026-10-31' AS as_of
  FROM household
 WHERE paid >= 5000 AND paid_before > 0 AND paid >= paid_before * 3
UNION ALL
SELECT 'household' AS level, 'several-patients' AS rule_id, 'medium' AS severity, 'illness' AS cause, household_id AS subject_id, household_id, CAST(NULL AS VARCHAR) AS person_id, region_code, CAST({'members_seriously_ill': CAST(seriously_ill AS VARCHAR), 'members_chronically_ill': CAST(chronically_ill AS VARCHAR), 'is_under_watch': CAST(watched AS VARCHAR), ':patients_line': '2'} AS MAP(VARCHAR, VARCHAR)) AS "values", DATE '2026-10-31' AS as_of
  FROM household
 WHERE seriously_ill > 0 AND seriously_ill + chronically_ill >= 2 AND NOT watched
UNION ALL
SELECT 'household' AS level, 'income-fall' AS rule_id, 'high' AS severity, 'income' AS cause, household_id AS subject_id, household_id, CAST(NULL AS VARCHAR) AS person_id, region_code, CAST({'income_change_share': CAST(income_change AS VARCHAR), 'net_income_per_capita_collected': CAST(net_per_capita AS VARCHAR), 'net_income_per_capita_previous': CAST(net_per_capita_2025 AS VARCHAR), ':income_fall_share': '0.3', ':monitoring_line': '6000', ':hardship_scope': '3'} AS MAP(VARCHAR, VARCHAR)) AS "values", DATE '2026-10-31' AS as_of
  FROM household
 WHERE income_change <= -0.3 AND net_per_capita < 18000
UNION ALL
SELECT 'household' AS level, 'income-falls-two-years' AS rule_id, 'medium' AS severity, 'income' AS cause, household_id AS subject_id, household_id, CAST(NULL AS VARCHAR) AS person_id, region_code, CAST({'net_income_per_capita_collected': CAST(net_per_capita AS VARCHAR), 'net_income_per_capita_previous': CAST(net_per_capita_2025 AS VARCHAR), 'net_income_per_capita_two_years_before': CAST(net_per_capita_2024 AS VARCHAR), ':monitoring_line': '6000', ':hardship_scope': '3'} AS MAP(VARCHAR, VARCHAR)) AS "values", DATE '2026-10-31' AS as_of
  FROM household
 WHERE net_per_capita < net_per_capita_2025 AND net_per_capita_2025 < net_per_capita_2024 AND net_per_capita < 18000
UNION ALL
SELECT 'household' AS level, 'policy-dependence' AS rule_id, 'low' AS severity, 'income' AS cause, household_id AS subject_id, household_id, CAST(NULL AS VARCHAR) AS person_id, region_code, CAST({'policy_transfer_share': CAST(policy_share AS VARCHAR), 'whole_household_without_labour': CAST(helpless AS VARCHAR), 'net_income_per_capita_collected': CAST(net_per_capita AS VARCHAR), 'policy_transfer_year': CAST(policy AS VARCHAR), ':policy_transfer_share_line': '0.5', ':monitoring_line': '6000', ':hardship_scope': '3'} AS MAP(VARCHAR, VARCHAR)) AS "values", DATE '2026-10-31' AS as_of
  FROM household
 WHERE policy_share >= 0.5 AND NOT helpless AND net_per_capita < 18000
UNION ALL
SELECT 'household' AS level, 'below-line-without-policy' AS rule_id, 'medium' AS severity, 'income' AS cause, household_id AS subject_id, household_id, CAST(NULL AS VARCHAR) AS person_id, region_code, CAST({'net_income_per_capita_collected': CAST(net_per_capita AS VARCHAR), 'net_income_without_policy_per_capita': CAST(without_policy AS VARCHAR), ':monitoring_line': '6000'} AS MAP(VARCHAR, VARCHAR)) AS "values", DATE '2026-10-31' AS as_of
  FROM household
 WHERE net_per_capita >= 6000 AND without_policy < 6000
UNION ALL
SELECT 'household' AS level, 'resolved-income-falls' AS rule_id, 'medium' AS severity, 'income' AS cause, household_id AS subject_id, household_id, CAST(NULL AS VARCHAR) AS person_id, region_code, CAST({'is_resolved': CAST(resolved AS VARCHAR), 'income_change_share': CAST(income_change AS VARCHAR), 'net_income_per_capita_collected': CAST(net_per_capita AS VARCHAR), ':monitoring_line': '6000', ':hardship_scope': '3'} AS MAP(VARCHAR, VARCHAR)) AS "values", DATE '2026-10-31' AS as_of
  FROM household
 WHERE resolved AND income_change < 0 AND net_per_capita < 18000
UNION ALL
SELECT 'household' AS level, 'breadwinner-lost' AS rule_id, 'high' AS severity, 'labour' AS cause, household_id AS subject_id, household_id, CAST(NULL AS VARCHAR) AS person_id, region_code, CAST({'breadwinners_lost': CAST(breadwinners_lost AS VARCHAR), ':recent_months': '6', 'members_with_labour': CAST(workers AS VARCHAR)} AS MAP(VARCHAR, VARCHAR)) AS "values", DATE '2026-10-31' AS as_of
  FROM household
 WHERE breadwinners_lost > 0
UNION ALL
SELECT 'household' AS level, 'elderly-alone' AS rule_id, 'low' AS severity, 'labour' AS cause, household_id AS subject_id, household_id, CAST(NULL AS VARCHAR) AS person_id, region_code, CAST({'household_size': CAST(size AS VARCHAR), 'members_elderly': CAST(elderly AS VARCHAR), 'members_with_labour': CAST(workers AS VARCHAR), ':elderly_age': '60'} AS MAP(VARCHAR, VARCHAR)) AS "values", DATE '2026-10-31' AS as_of
  FROM household
 WHERE size > 0 AND elderly = size AND workers = 0
UNION ALL
SELECT 'household' AS level, 'children-without-adult' AS rule_id, 'high' AS severity, 'labour' AS cause, household_id AS subject_id, household_id, CAST(NULL AS VARCHAR) AS person_id, region_code, CAST({'members_minor': CAST(minors AS VARCHAR), 'members_adult': CAST(adults AS VARCHAR)} AS MAP(VARCHAR, VARCHAR)) AS "values", DATE '2026-10-31' AS as_of
  FROM household
 WHERE minors > 0 AND adults = 0
UNION ALL
SELECT 'household' AS level, 'petition-lead' AS rule_id, 'low' AS severity, 'income' AS cause, household_id AS subject_id, household_id, CAST(NULL AS VARCHAR) AS person_id, region_code, CAST({'petitions_recent': CAST(petitions AS VARCHAR), ':lead_months': '3'} AS MAP(VARCHAR, VARCHAR)) AS "values", DATE '2026-10-31' AS as_of
  FROM household
 WHERE petitions > 0
UNION ALL
SELECT 'household' AS level, 'hotline-lead' AS rule_id, 'medium' AS severity, 'income' AS cause, household_id AS subject_id, household_id, CAST(NULL AS VARCHAR) AS person_id, region_code, CAST({'hotline_calls_recent': CAST(calls AS VARCHAR), ':lead_months': '3'} AS MAP(VARCHAR, VARCHAR)) AS "values", DATE '2026-10-31' AS as_of
  FROM household
 WHERE calls > 0
UNION ALL
SELECT 'household' AS level, 'online-lead' AS rule_id, 'low' AS severity, 'income' AS cause, household_id AS subject_id, household_id, CAST(NULL AS VARCHAR) AS person_id, region_code, CAST({'online_leads_recent': CAST(leads AS VARCHAR), ':lead_months': '3'} AS MAP(VARCHAR, VARCHAR)) AS "values", DATE '2026-10-31' AS as_of
  FROM household
 WHERE leads > 0
UNION ALL
SELECT 'household' AS level, 'water-registered-unsafe' AS rule_id, 'high' AS severity, 'water' AS cause, household_id AS subject_id, household_id, CAST(NULL AS VARCHAR) AS person_id, region_code, CAST({'safe_water': CAST(safe_water AS VARCHAR)} AS MAP(VARCHAR, VARCHAR)) AS "values", DATE '2026-10-31' AS as_of
  FROM household
 WHERE NOT safe_water
UNION ALL
SELECT 'household' AS level, 'animals-lost-to-disaster' AS rule_id, 'high' AS severity, 'disaster' AS cause, household_id AS subject_id, household_id, CAST(NULL AS VARCHAR) AS person_id, region_code, CAST({'animals_lost_12m': CAST(animals AS VARCHAR), 'disaster_kinds_12m': kinds, ':animals_lost_line': '10'} AS MAP(VARCHAR, VARCHAR)) AS "values", DATE '2026-10-31' AS as_of
  FROM household
 WHERE animals >= 10
UNION ALL
SELECT 'household' AS level, 'animal-disease' AS rule_id, 'medium' AS severity, 'disaster' AS cause, household_id AS subject_id, household_id, CAST(NULL AS VARCHAR) AS person_id, region_code, CAST({'animal_disease_on': CAST(animal_disease_on AS VARCHAR), ':recent_months': '6'} AS MAP(VARCHAR, VARCHAR)) AS "values", DATE '2026-10-31' AS as_of
  FROM household
 WHERE datesub('month', animal_disease_on, DATE '2026-10-31') < 6
UNION ALL
SELECT 'person' AS level, 'severe-disability-new' AS rule_id, 'high' AS severity, 'disability' AS cause, person_id AS subject_id, household_id, person_id, region_code, CAST({'is_present': 'true', 'disability_grade_latest': CAST(grade AS VARCHAR), 'disability_certified_on': CAST(certified_on AS VARCHAR), ':severe_disability_grade': '2', ':recent_months': '6'} AS MAP(VARCHAR, VARCHAR)) AS "values", DATE '2026-10-31' AS as_of
  FROM (SELECT * FROM person WHERE present)
 WHERE grade <= 2 AND datesub('month', certified_on, DATE '2026-10-31') < 6
UNION ALL
SELECT 'person' AS level, 'disability-of-a-worker' AS rule_id, 'medium' AS severity, 'disability' AS cause, person_id AS subject_id, household_id, person_id, region_code, CAST({'is_present': 'true', 'age': CAST(age AS VARCHAR), 'disability_first_certified_on': CAST(first_certified_on AS VARCHAR), ':adult_age': '18', ':elderly_age': '60', ':recent_months': '6'} AS MAP(VARCHAR, VARCHAR)) AS "values", DATE '2026-10-31' AS as_of
  FROM (SELECT * FROM person WHERE present)
 WHERE age BETWEEN 18 AND 59 AND datesub('month', first_certified_on, DATE '2026-10-31') < 6
UNION ALL
SELECT 'person' AS level, 'left-work-injured' AS rule_id, 'high' AS severity, 'employment' AS cause, person_id AS subject_id, household_id, person_id, region_code, CAST({'is_present': 'true', 'injured_at_work_on': CAST(injured_on AS VARCHAR), 'is_employed': CAST(employed AS VARCHAR), ':recent_months': '6'} AS MAP(VARCHAR, VARCHAR)) AS "values", DATE '2026-10-31' AS as_of
  FROM (SELECT * FROM person WHERE present)
 WHERE datesub('month', injured_on, DATE '2026-10-31') < 6 AND NOT employed
UNION ALL
SELECT 'person' AS level, 'medical-cost-exited-person' AS rule_id, 'high' AS severity, 'illness' AS cause, person_id AS subject_id, household_id, person_id, region_code, CAST({'is_present': 'true', 'is_exited': CAST(exited AS VARCHAR), 'is_monitored': CAST(monitored AS VARCHAR), 'own_medical_self_paid_12m': CAST(own_paid AS VARCHAR), ':rural_income_per_capita': '23119', ':medical_share_exited': '0.5'} AS MAP(VARCHAR, VARCHAR)) AS "values", DATE '2026-10-31' AS as_of
  FROM (SELECT * FROM person WHERE present)
 WHERE (exited OR monitored) AND own_paid > 11559.5
UNION ALL
SELECT 'person' AS level, 'medical-cost-other-person' AS rule_id, 'high' AS severity, 'illness' AS cause, person_id AS subject_id, household_id, person_id, region_code, CAST({'is_present': 'true', 'is_monitored': CAST(monitored AS VARCHAR), 'is_exited': CAST(exited AS VARCHAR), 'own_medical_self_paid_12m': CAST(own_paid AS VARCHAR), ':rural_income_per_capita': '23119', ':medical_share_other': '1.0'} AS MAP(VARCHAR, VARCHAR)) AS "values", DATE '2026-10-31' AS as_of
  FROM (SELECT * FROM person WHERE present)
 WHERE NOT monitored AND NOT coalesce(exited, false) AND own_paid > 23119
UNION ALL
SELECT 'person' AS level, 'medical-insurance-lapse' AS rule_id, 'high' AS severity, 'illness' AS cause, person_id AS subject_id, household_id, person_id, region_code, CAST({'is_present': 'true', 'resident_medical_insurance': CAST(resident_medical_insurance AS VARCHAR), 'employee_medical_insurance': CAST(employee_medical_insurance AS VARCHAR)} AS MAP(VARCHAR, VARCHAR)) AS "values", DATE '2026-10-31' AS as_of
  FROM (SELECT * FROM person WHERE present)
 WHERE NOT resident_medical_insurance AND NOT coalesce(employee_medical_insurance, false)