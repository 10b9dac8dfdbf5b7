{#- What changed in charge_days, for the sums that add its lines up (noted_changes.sql). -#}
{% macro readers_of_charge_days() -%}
    {{ return(['resource_sums', 'service_charges']) }}
{%- endmacro %}

{% macro columns_of_charge_day_changes() -%}
    {{ return([
        'organisation_id', 'house_id', 'line_date', 'line_kind', 'service_ids', 'line_kopecks',
        'volumes', 'metered_service_ids',
    ]) }}
{%- endmacro %}

{#- After charge_days. -#}
{% macro note_charge_day_changes() -%}
    {{ note_changes('charge_day_change', readers_of_charge_days(), columns_of_charge_day_changes()) }}
{%- endmacro %}

{% macro forget_charge_day_changes(reader) -%}
    {{ forget_changes('charge_day_change', reader) }}
{%- endmacro %}
