{#-
The family that an application names besides the owner of a part: that of the month, else of his
latest month that has some, so that capital repair and months before it moved in need no application
of their own. A column of a query of parts that may be claimed.
-#}
{% macro family_of_application() -%}
    coalesce(family_ids, first_value(family_ids) over (
        partition by
            account_id, holder_kind, debtors, holder_organisation_id, holder_name,
            case when debtors is null then holder_person_id end
        order by family_ids is null, claimable_amount = 0, period desc, liability, due_date
    ))
{%- endmacro %}
