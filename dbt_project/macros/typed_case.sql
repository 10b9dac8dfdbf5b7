{#-
A case that somebody typed: a ledger that is no account of ours, in the setting `dolgomer.case` of the
transaction (jsonb). It is reckoned by the same macros as accounts are, and leaves nothing behind.

    {"debtor_kind": "citizen",
     "charges": [{"number": 2, "period": "2024-01-01", "liability": "housing", "kind": "charge",
                  "amount": 100.00, "booked_on": "2024-01-31", "due_date": null}],
     "payments": [{"number": 3, "paid_on": "2024-03-01", "amount": 50.00, "named_period": null}],
     "write_offs": [{"number": 4, "written_off_on": "2024-04-01", "amount": 10.00,
                     "named_period": null}],
     "bills": [{"period": "2024-01-01", "delivered_on": "2024-02-20"}]}
-#}
{% macro typed_case() -%}
    cast(nullif(current_setting('dolgomer.case', true), '') as jsonb)
{%- endmacro %}

{% macro rows_of_case(name, columns) -%}
    jsonb_to_recordset(coalesce({{ typed_case() }} -> '{{ name }}', '[]')) as line ({{ columns }})
{%- endmacro %}
