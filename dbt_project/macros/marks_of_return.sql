{#-
What is known of an execution document that came back with an act: that it was handed over once more,
and that knowledge of changed property of the debtor came between (229-ФЗ ст. 46; plan of Beloyarsky,
measure 4). `is_the_document` chooses among `documents` the one that came back. The query around it
has the names `execution_documents`, `spans` and `steps`.
-#}
{% macro marks_of_return(account_id, returned_date, is_the_document) -%}
(
    select array_remove(array[
        case when again.sent_date is not null then 'presented_again' end,
        case
            when exists (
                select 1
                from steps as known
                where
                    known.account_id = {{ account_id }}
                    and known.event_kind = 'property_change'
                    and known.event_date >= {{ returned_date }}
                    and known.event_date <= coalesce(again.sent_date, (select ops.as_of()))
                    and {{ stands('known') }}
            ) then 'property_changed'
        end
    ], null)
    from (
        select min(spans.sent_date) as sent_date
        from spans
        inner join execution_documents as documents
            on spans.execution_document_id = documents.execution_document_id
        where
            spans.account_id = {{ account_id }}
            and {{ is_the_document }}
            and spans.sent_date > {{ returned_date }}
    ) as again
)
{%- endmacro %}
