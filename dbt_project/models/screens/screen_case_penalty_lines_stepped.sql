{{ config(alias='case_penalty_lines_stepped') }}

-- Penalty of the case that the session typed, with the rate of each day, for comparison. Nobody
-- else's facts are in it.
select
    {{ columns_of_penalty_lines() }}
from {{ ref('int_case_penalty_lines_stepped') }}
