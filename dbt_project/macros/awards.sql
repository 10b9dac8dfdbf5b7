{#-
What receipts repaid of the duty and the penalty that courts awarded, day by day; below zero what was
given back. Few accounts have an order of a case of ours, and only their pieces are looked at.
`kopecks` is the amount of a piece of `intervals`.
-#}
{% macro awards(intervals, kopecks='interval_kopecks') -%}
select
    of_orders.account_id,
    award.payment_id,
    award.award_date,
    award.award_kopecks
from (
    -- distinct: a case may have an order and a writ
    select distinct account_id
    from {{ ref('stg_execution_documents') }}
    where case_id is not null
) as of_orders
cross join lateral (
    select
        pieces.credit_id as payment_id,
        pieces.opened_date as award_date,
        {{ kopecks }} as award_kopecks
    from {{ intervals }} as pieces
    where pieces.account_id = of_orders.account_id and pieces.interval_kind = 'award'
    offset 0
) as award
{%- endmacro %}

{#-
The duty that receipts under an order of ours repay, in kopecks. An order that was cancelled awards
none: what it cost is set off against the claim (НК 333.20), whose court awards the duty anew, and
nobody repays it twice.
-#}
{% macro duty_awarded(cases) -%}
case
    when {{ cases }}.freed_by = 'cancelled' then 0
    else coalesce({{ kopecks(cases ~ '.duty_awarded_amount') }}, 0)
end
{%- endmacro %}
