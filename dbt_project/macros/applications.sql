{#-
The family that an application names besides the owner of a part: that of the month, else of his
latest month that has some, so that capital repair and months before it moved in need no application
of their own. A column of a query of parts that may be claimed; `apart` is a column that tells
applications of the same people from one another, if there is any.
-#}
{% macro family_of_application(apart=none) -%}
    coalesce(family_ids, first_value(family_ids) over (
        partition by
            account_id,{{ ' ' ~ apart ~ ',' if apart }} holder_kind, debtors, holder_organisation_id,
            holder_name,
            case when debtors is null then holder_person_id end
        order by family_ids is null, claimable_amount = 0, period desc, liability, due_date
    ))
{%- endmacro %}
