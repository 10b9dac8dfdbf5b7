{#-
Organisations whose facts changed while the build ran: sums over all their accounts are true of the
next build only, and a test passes them over.
-#}
{% macro organisations_being_changed() -%}
    select distinct accounts.organisation_id
    from ops.account_change as newer
    inner join {{ ref('stg_accounts') }} as accounts on newer.account_id = accounts.account_id
{%- endmacro %}
