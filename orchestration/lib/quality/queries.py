"""How each rule finds the rows that break it.

Rows are ``organisation_id, account_number, subject, detail``; text is Russian, for the page.
``{batch}`` is the table that Great Expectations looks at. Every query joins something to it,
because Great Expectations gives the table an alias of its own otherwise.

The ledger is looked at 15 months back: older gaps and repeats were dealt with or never will be,
and the table is too large to read whole every night. A receipt may wait for 10 days: no term of
law, but what accountants want of themselves.
"""

WITHOUT_PREMISES = """
    select a.organisation_id, a.account_number, 'лицевой счёт' as subject,
        'адрес не указан' as detail
    from {batch} as a
    inner join ops.organisation as o on a.organisation_id = o.organisation_id
    where a.premises_id is null
"""

WITHOUT_HOLDER = """
    select a.organisation_id, a.account_number, 'лицевой счёт' as subject,
        'нет ни собственника, ни нанимателя' as detail
    from {batch} as a
    inner join ops.organisation as o on a.organisation_id = o.organisation_id
    where a.premises_id is not null
        and not exists (
            select from ops.ownership as w
            where w.premises_id = a.premises_id and w.organisation_id = a.organisation_id
                and (w.person_id is not null or w.holder_organisation_id is not null)
                and w.valid_from <= ops.as_of()
                and (w.valid_to is null or w.valid_to >= ops.as_of())
        )
        and not exists (
            select from ops.residency as r
            where r.account_id = a.account_id and r.relation = 'наниматель'
                and r.valid_from <= ops.as_of()
                and (r.valid_to is null or r.valid_to >= ops.as_of())
        )
"""

# A month without charges between two charged ones, or after the last one while others are charged.
HOLES = """
    select a.organisation_id, a.account_number, 'начисления' as subject,
        'нет начислений за ' || to_char(gap.first_month, 'MM.YYYY')
        || case when gap.last_month > gap.first_month
            then '–' || to_char(gap.last_month, 'MM.YYYY') else '' end as detail
    from (
        select
            charged.account_id,
            cast(charged.period + interval '1 month' as date) as first_month,
            cast(
                coalesce(
                    lead(charged.period) over (
                        partition by charged.account_id order by charged.period
                    ),
                    max(charged.period) over (partition by charged.organisation_id)
                    + interval '1 month'
                ) - interval '1 month' as date
            ) as last_month
        from (
            select distinct c.account_id, k.organisation_id, c.period
            from {batch} as c
            inner join ops.account as k on c.account_id = k.account_id
            where c.kind = 'charge' and c.period > ops.as_of() - interval '15 months'
        ) as charged
    ) as gap
    inner join ops.account as a on gap.account_id = a.account_id
    where gap.last_month >= gap.first_month
        and coalesce((
            select s.is_open from ops.account_state as s
            where s.account_id = gap.account_id and s.valid_from <= gap.first_month
            order by s.valid_from desc, s.recorded_at desc
            limit 1
        ), true)
"""

SHARES = """
    select a.organisation_id, a.account_number, 'доли в праве' as subject,
        'в сумме ' || replace(cast(trim_scale(round(shares.total, 4)) as text), '.', ',')
        || ', а не 1 (собственников: ' || shares.owners || ')' as detail
    from (
        select
            w.premises_id,
            w.organisation_id,
            sum(cast(w.share_numerator as numeric) / w.share_denominator) as total,
            count(*) as owners
        from {batch} as w
        where w.right_kind in ('ownership', 'shared_ownership')
            and w.valid_from <= ops.as_of() and (w.valid_to is null or w.valid_to >= ops.as_of())
        group by w.premises_id, w.organisation_id
    ) as shares
    inner join ops.account as a
        on shares.premises_id = a.premises_id and shares.organisation_id = a.organisation_id
    -- Thirds and sevenths do not add up exactly as decimals.
    where abs(shares.total - 1) > 0.000001
"""

OWNERS = """
    select distinct a.organisation_id, a.account_number,
        concat_ws(' ', p.last_name, p.first_name, p.middle_name) as subject, {detail} as detail
    from {{batch}} as p
    inner join ops.ownership as w on p.person_id = w.person_id
    inner join ops.account as a
        on w.premises_id = a.premises_id and p.organisation_id = a.organisation_id
    where w.valid_from <= ops.as_of() and (w.valid_to is null or w.valid_to >= ops.as_of())
        and {condition}
"""

NO_IDENTIFIER = OWNERS.format(
    detail="'нет ни СНИЛС, ни ИНН, ни документа'",
    condition="""p.death_date is null and not exists (
            select from ops.person_identifier as i where i.person_id = p.person_id
        )""",
)
NO_BIRTH_DATE = OWNERS.format(detail="'нет даты рождения'", condition="p.birth_date is null")
DEAD = OWNERS.format(
    detail="'умер ' || to_char(p.death_date, 'DD.MM.YYYY') || ', право не перешло'",
    condition="p.death_date is not null",
)
MINOR = OWNERS.format(
    detail="'несовершеннолетний, законный представитель не указан'",
    condition="""p.birth_date + (select ops.age_of_majority()) > ops.as_of() and not exists (
            select from ops.representative as r
            where r.person_id = p.person_id and r.valid_from <= ops.as_of()
                and (r.valid_to is null or r.valid_to >= ops.as_of())
        )""",
)

DUE_BEFORE_PERIOD = """
    select a.organisation_id, a.account_number, s.name as subject,
        'срок оплаты ' || to_char(c.due_date, 'DD.MM.YYYY') || ' раньше месяца '
        || to_char(c.period, 'MM.YYYY') || ', '
        || replace(cast(c.amount as text), '.', ',') || ' руб.' as detail
    from {batch} as c
    inner join ops.account as a on c.account_id = a.account_id
    inner join reference.service as s on c.service_id = s.service_id
    where c.due_date < c.period
"""

SIMILAR_CHARGES = """
    select a.organisation_id, a.account_number, s.name as subject,
        'за ' || to_char(twice.period, 'MM.YYYY') || ' начислено '
        || replace(cast(twice.amount as text), '.', ',') || ' руб. из файлов: ' || twice.files
        as detail
    from (
        select c.account_id, c.period, c.service_id, c.amount, count(distinct c.import_id) as files
        from {batch} as c
        where c.kind = 'charge' and c.amount <> 0 and c.import_id is not null
            and c.period > ops.as_of() - interval '15 months'
        group by c.account_id, c.period, c.service_id, c.amount
        having count(distinct c.import_id) > 1
    ) as twice
    inner join ops.account as a on twice.account_id = a.account_id
    inner join reference.service as s on twice.service_id = s.service_id
"""

FUTURE_PAYMENTS = """
    select a.organisation_id, a.account_number, 'оплата' as subject,
        to_char(p.paid_on, 'DD.MM.YYYY') || ', '
        || replace(cast(p.amount as text), '.', ',') || ' руб.'
        || coalesce(', документ ' || p.document, '') as detail
    from {batch} as p
    inner join ops.account as a on p.account_id = a.account_id
    where p.paid_on > ops.as_of()
"""

REPEATED_PAYMENTS = """
    select a.organisation_id, a.account_number, 'оплата' as subject,
        to_char(twice.paid_on, 'DD.MM.YYYY') || ', '
        || replace(cast(twice.amount as text), '.', ',') || ' руб. – раз: ' || twice.times as detail
    from (
        select p.account_id, p.paid_on, p.amount, count(*) as times
        from {batch} as p
        where p.amount > 0 and p.paid_on > ops.as_of() - interval '15 months'
            -- A payment that was taken back was dealt with.
            and not exists (
                select from ops.payment as back
                where back.account_id = p.account_id and back.reverses_payment_id = p.payment_id
            )
        group by p.account_id, p.paid_on, p.amount
        having count(*) > 1
    ) as twice
    inner join ops.account as a on twice.account_id = a.account_id
"""

UNVERIFIED_METERS = """
    select a.organisation_id, a.account_number, s.name || ', прибор № ' || m.number as subject,
        'поверка истекла ' || to_char(m.verified_until, 'DD.MM.YYYY') as detail
    from {batch} as m
    inner join ops.account as a on m.premises_id = a.premises_id
    inner join reference.service as s on m.service_id = s.service_id
    where m.removed_on is null and m.verified_until < ops.as_of()
        and exists (
            -- Several organisations keep accounts of one flat; the one that bills by it mends it.
            select from ops.charge as c
            where c.account_id = a.account_id and c.service_id = m.service_id
        )
"""

UNKNOWN_RECEIPTS = """
    select b.organisation_id, cast(null as text) as account_number,
        'поступление ' || to_char(b.operation_date, 'DD.MM.YYYY') as subject,
        replace(cast(b.amount as text), '.', ',') || ' руб., '
        || coalesce(nullif(b.payer_name, ''), 'плательщик не указан')
        || coalesce(': ' || nullif(b.purpose, ''), '') as detail
    from {batch} as b
    left join lateral (
        select d.decision from ops.bank_operation_decision as d
        where d.bank_operation_id = b.bank_operation_id
        order by d.recorded_at desc
        limit 1
    ) as latest on true
    where b.direction = 'in' and coalesce(latest.decision, 'postponed') = 'postponed'
        and b.operation_date < ops.as_of() - 10
        and not exists (
            select from ops.payment as p where p.bank_operation_id = b.bank_operation_id
        )
"""
