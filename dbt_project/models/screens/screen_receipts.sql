{{ config(
    alias='receipts',
    post_hook=["alter view {{ this }} set (security_barrier = true)"],
) }}

-- Money of residents as it came, for those who may use the register.
with payments as (
    select * from {{ source('ops', 'payment') }}
    where recorded_at <= (select ops.known_at())
),

accounts as (
    select * from {{ ref('stg_accounts') }}
),

operations as (
    select * from {{ source('ops', 'bank_operation') }}
),

agents as (
    select * from {{ ref('stg_organisations') }}
)

select
    payments.account_id,
    payments.payment_id,
    accounts.organisation_id,
    payments.paid_on as paid_date,
    payments.amount,
    payments.channel,
    payments.agent_id,
    agents.organisation_short_name as agent_name,
    payments.document as document_number,
    payments.named_period,
    payments.reverses_payment_id,
    operations.document_number as bank_document_number,
    operations.operation_date as bank_date,
    payments.import_id,
    payments.import_line
from payments
inner join accounts on payments.account_id = accounts.account_id
left join operations on payments.bank_operation_id = operations.bank_operation_id
left join agents on payments.agent_id = agents.organisation_id
where accounts.organisation_id
    = any((select ops.organisations_of_form('payments-register'))::integer[])
