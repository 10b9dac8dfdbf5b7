-- When the duty of an application was paid, in money or by the offset of an earlier one.
with duties as (
    select * from {{ source('ops', 'state_duty') }}
),

events as (
    select *
    from {{ source('ops', 'state_duty_event') }}
    where recorded_at <= (select ops.known_at())
)

select
    duties.account_id,
    duties.state_duty_id,
    duties.case_id,
    events.happened_on as paid_date
from events
inner join duties
    on
        duties.state_duty_id
        = case
            when events.kind = 'offset_to' then events.other_duty_id else events.state_duty_id
        end
where
    events.kind in ('paid', 'offset_to')
    and not exists (
        select 1
        from events as back
        where back.undoes_event_id = events.state_duty_event_id
    )
