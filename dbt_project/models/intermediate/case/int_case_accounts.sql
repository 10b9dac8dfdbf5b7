-- The one account that a typed case is reckoned as. No row without a case.
select
    cast(0 as bigint) as account_id,
    cast(null as integer) as organisation_id,
    cast(null as integer) as house_id,
    {{ typed_case() }} ->> 'debtor_kind' as debtor_kind
where {{ typed_case() }} is not null
