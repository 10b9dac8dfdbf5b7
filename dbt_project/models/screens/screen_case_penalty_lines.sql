{{ config(alias='case_penalty_lines') }}

-- Penalty of the case that the session typed, by the law. Nobody else's facts are in it.
select
    {{ columns_of_penalty_lines() }}
from {{ ref('int_case_penalty_lines') }}
