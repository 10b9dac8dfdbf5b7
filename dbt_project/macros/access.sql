{#-
Screens see the rows of the organisations that their session may see. dbt makes tables anew, and a
new table has neither policies nor grants, so every mart renews them after each build.
Marts with personal data are not granted at all (config `meta.is_personal`): screens read them
through a masking view. Nor are those of a report form (`meta.is_behind_form`), whose view asks for the right.
-#}
{% macro guard_by_organisation() -%}
    {%- if not execute or config.get('materialized') == 'view' -%}
        select 1
    {%- else -%}
        alter table {{ this }} enable row level security;
        drop policy if exists own_organisation on {{ this }};
        create policy own_organisation on {{ this }} for select to dolgomer_screens
        using (
            {%- if config.get('meta', {}).get('is_common') -%}
                (select ops.session_user_id()) is not null
            {%- else -%}
                organisation_id = any ((select ops.visible_organisations())::integer[])
            {%- endif -%}
        );
        {% if config.get('meta', {}).get('is_personal') or config.get('meta', {}).get('is_behind_form') -%}
            revoke all on {{ this }} from dolgomer_screens;
        {%- else -%}
            grant select on {{ this }} to dolgomer_screens;
        {%- endif %}
    {%- endif -%}
{%- endmacro %}
