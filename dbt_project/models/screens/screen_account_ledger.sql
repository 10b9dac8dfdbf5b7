{{ config(
    alias='account_ledger',
    post_hook=["alter view {{ this }} set (security_barrier = true)"],
) }}

-- Every fact of an account with the file and line that it came from. Ask it with an account_id.
with charges as (
    select * from {{ ref('stg_charges') }}
),

payments as (
    select * from {{ ref('stg_payments') }}
),

write_offs as (
    select * from {{ ref('stg_write_offs') }}
),

files as (
    select * from {{ source('ops', 'import_file') }}
),

facts as (
    select
        account_id,
        booked_date as fact_date,
        charge_kind as fact_kind,
        charge_id as fact_id,
        period,
        service_id,
        charge_amount as amount,
        cast(null as text) as document_number,
        cast(null as text) as channel,
        import_id,
        import_line,
        recorded_at
    from charges
    union all
    select
        account_id,
        paid_date as fact_date,
        'payment' as fact_kind,
        payment_id as fact_id,
        named_period as period,
        cast(null as integer) as service_id,
        payment_amount as amount,
        document_number,
        payment_channel as channel,
        import_id,
        import_line,
        recorded_at
    from payments
    union all
    select
        account_id,
        written_off_date as fact_date,
        'write_off' as fact_kind,
        write_off_id as fact_id,
        cast(null as date) as period,
        cast(null as integer) as service_id,
        write_off_amount as amount,
        coalesce(document_number, reason) as document_number,
        cast(null as text) as channel,
        import_id,
        import_line,
        recorded_at
    from write_offs
),

accounts as (
    select * from {{ ref('stg_accounts') }}
)

select
    facts.account_id,
    facts.fact_date,
    facts.fact_kind,
    facts.fact_id,
    facts.period,
    facts.service_id,
    facts.amount,
    facts.document_number,
    facts.channel,
    files.file_name as source_file,
    facts.import_line as source_line,
    facts.recorded_at
from facts
inner join accounts on facts.account_id = accounts.account_id
left join files on facts.import_id = files.import_id
where accounts.organisation_id = any(cast((select ops.visible_organisations()) as integer[]))
