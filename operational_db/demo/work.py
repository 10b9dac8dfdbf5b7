"""What was done about the debts: messages, calls, letters, filings, posters, meetings.

Made by the database itself, set by set, from who has not paid for two months. Chance comes from a
digest of the seed, the subject and the row, so the same town always did the same.
"""

import psycopg
from psycopg import sql

MONTHS_OF_WORK = 7
MONTHS_OF_BILLS_IN_A_SMALL_TOWN, MONTHS_OF_BILLS_IN_A_LARGE_ONE = 7, 2
SMALL_TOWN = 10_000

WORKED_TABLES = ("contact_event", "account_event", "public_event", "bill_event", "event_file")

CHANCE = """
create function pg_temp.chance(subject text, key text) returns double precision
language sql immutable
return ('x' || left(md5(current_setting('dolgomer.demo_seed') || subject || ':' || key), 8))
    ::bit(32)::bigint / 4294967296.0
"""
# «Stable» in truth, but the setting does not change while the town is made.
SEED = "select set_config('dolgomer.demo_seed', %(seed)s::text, true)"

DEBTORS = """
create temporary table debtor on commit drop as
select a.account_id, a.organisation_id, p.house_id,
    (
        select person.phone
        from ops.ownership as o
        inner join ops.person as person on o.person_id = person.person_id
        where o.premises_id = a.premises_id and o.organisation_id = a.organisation_id
            and person.phone is not null
        order by o.ownership_id
        limit 1
    ) as phone
from ops.account as a
left join ops.premises as p on a.premises_id = p.premises_id
where exists (
        select from ops.charge as c
        where c.account_id = a.account_id and c.period >= %(today)s::date - interval '3 months'
    )
    and not exists (
        select from ops.payment as p
        where p.account_id = a.account_id and p.paid_on >= %(today)s::date - 60
    );
analyze debtor
"""
WORKING_DAYS = """
create temporary table worked_day on commit drop as
select day from reference.calendar_day
where is_working and day >= date_trunc('month', %(today)s::date) - %(months)s * interval '1 month'
    and day < %(today)s::date;
analyze worked_day
"""
# Whoever is called has operators of the same organisation; names are of nobody.
CALLS = """
insert into ops.contact_event (
    account_id, kind, happened_at, result, phone, duration_seconds, non_payment_reason,
    promise_date, promise_amount, executor, source, recorded_at
)
select d.account_id, 'live_call', call.happened_at, call.result, d.phone,
    case when call.result in ('talked', 'third_person', 'refused')
        then 25 + (pg_temp.chance('seconds', call.key) * 200)::int end,
    case when call.result = 'talked' then (array[
        'задержка зарплаты', 'не согласен с начислением', 'забыл', 'болезнь', 'потеря работы'
    ])[1 + (pg_temp.chance('reason', call.key) * 4.99)::int] end,
    case when call.promises then w.day + 3 + (pg_temp.chance('promised', call.key) * 11)::int end,
    case when call.promises
        then 1000 * (1 + (pg_temp.chance('promised sum', call.key) * 6)::int) end,
    (array['Юдина О. И.', 'Белкина Т. С.', 'Громов Д. А.'])[
        1 + (pg_temp.chance('caller', d.organisation_id::text || w.day) * 2.99)::int],
    'demo', call.happened_at + interval '2 minutes'
from debtor as d
cross join worked_day as w
cross join lateral (
    select d.account_id || ':' || w.day as key,
        (w.day + interval '9 hours'
            + floor(pg_temp.chance('minute', d.account_id || ':' || w.day) * 540)
            * interval '1 minute') at time zone 'Europe/Moscow' as happened_at,
        pg_temp.chance('result', d.account_id || ':' || w.day) as luck
) as at_time
cross join lateral (
    select at_time.key, at_time.happened_at,
        case when at_time.luck < 0.42 then 'talked' when at_time.luck < 0.72 then 'no_answer'
            when at_time.luck < 0.80 then 'busy' when at_time.luck < 0.87 then 'wrong_number'
            when at_time.luck < 0.95 then 'third_person' else 'refused' end as result,
        at_time.luck < 0.17 as promises
) as call
where pg_temp.chance('called', call.key) < 0.09
order by call.happened_at, d.account_id
"""
MESSAGES = """
insert into ops.contact_event (
    account_id, kind, happened_at, result, phone, document_number, executor, source, recorded_at
)
select d.account_id, sent.kind, sent.happened_at, sent.result,
    case when sent.kind in ('sms', 'robot_call') then d.phone end,
    case when sent.kind = 'letter'
        then 'исх. ' || d.account_id || '/' || to_char(m.month, 'MM') end,
    case when sent.kind = 'visit' then 'Ершов П. А.' end,
    'demo', sent.happened_at + interval '1 hour'
from debtor as d
cross join generate_series(
    date_trunc('month', %(today)s::date) - %(months)s * interval '1 month',
    date_trunc('month', %(today)s::date), interval '1 month'
) as m (month)
cross join (values
    ('sms', 0.62, 0.88, 'delivered', 'failed'), ('sms', 0.12, 0.9, 'delivered', 'failed'),
    ('robot_call', 0.2, 0.55, 'delivered', 'no_answer'),
    ('letter', 0.1, 0.7, 'delivered', 'returned'), ('visit', 0.06, 0.5, 'talked', 'nobody_home')
) as way (kind, often, lucky, good, bad)
cross join lateral (
    select way.kind,
        (m.month + interval '10 hours'
            + floor(pg_temp.chance('sent' || way.kind || way.often, d.account_id || ':' || m.month)
                * 27) * interval '1 day'
            + floor(pg_temp.chance('hour' || way.kind, d.account_id || ':' || m.month) * 400)
                * interval '1 minute') at time zone 'Europe/Moscow' as happened_at,
        case when pg_temp.chance('came' || way.kind || way.often, d.account_id || ':' || m.month)
            < way.lucky then way.good else way.bad end as result
) as sent
where pg_temp.chance(way.kind || way.often, d.account_id || ':' || m.month) < way.often
    and sent.happened_at < %(today)s::date
order by sent.happened_at, d.account_id
"""
NOTICES = """
insert into ops.account_event
    (account_id, kind, happened_on, document_number, executor, source, recorded_at)
select d.account_id, step.kind, step.day, 'П-' || d.account_id || '/' || to_char(q.month, 'Q'),
    'типография', 'demo', step.day + interval '17 hours'
from debtor as d
cross join generate_series(
    date_trunc('quarter', %(today)s::date) - interval '6 months',
    date_trunc('quarter', %(today)s::date), interval '3 months'
) as q (month)
cross join lateral (
    select q.month::date + 5 + (pg_temp.chance('notice day', d.account_id || ':' || q.month)
        * 40)::int as printed, pg_temp.chance('notice', d.account_id || ':' || q.month) as luck
) as n
cross join lateral (values
    ('notice_printed', n.printed), ('notice_posted', n.printed + 2),
    (case when n.luck < 0.5 then 'notice_delivered' else 'notice_returned' end, n.printed + 11)
) as step (kind, day)
where n.luck < 0.64 and step.day < %(today)s::date
order by step.day, d.account_id
"""
# Filings of the orders that courts gave, and of those that they have not answered yet.
FILINGS = """
insert into ops.account_event
    (account_id, kind, happened_on, amount, document_number, duty_paid_on, source, recorded_at)
select e.account_id, 'order_filed', filed.day, claimed.amount, 'З-' || e.execution_document_id,
    case when pg_temp.chance('duty', e.execution_document_id::text) < 0.95 then filed.day - 2 end,
    'demo', filed.day + interval '15 hours'
from ops.execution_document as e
cross join lateral (
    select e.issued_on - 12 - (pg_temp.chance('filed', e.execution_document_id::text) * 14)::int
        as day
) as filed
cross join lateral (
    select greatest(sum(c.amount), 0) as amount
    from ops.charge as c
    where c.account_id = e.account_id and c.period between e.period_from and e.period_to
) as claimed
where claimed.amount > 0

union all

select d.account_id, case when pg_temp.chance('claim', d.account_id::text) < 0.2
        then 'claim_filed' else 'order_filed' end,
    w.day, claimed.amount, 'З-' || d.account_id || '/н', w.day - 1, 'demo',
    w.day + interval '15 hours'
from debtor as d
inner join worked_day as w
    on pg_temp.chance('filed', d.account_id || ':' || w.day) < 0.0022
cross join lateral (
    select greatest(sum(c.amount), 0) as amount
    from ops.charge as c
    where c.account_id = d.account_id
        and c.period between w.day - interval '12 months' and w.day - interval '2 months'
) as claimed
where claimed.amount > 0
    and not exists (select from ops.execution_document as e where e.account_id = d.account_id)
order by 3, 1
"""
WRITS = """
insert into ops.account_event (
    account_id, kind, happened_on, amount, document_number, execution_document_id, bailiff_office,
    has_receipt, decision, source, recorded_at
)
select e.account_id, step.kind, step.day, null, e.number, e.execution_document_id,
    'Красногорское ОСП', step.kind = 'writ_dispatched' and luck.receipt < 0.6,
    case when step.kind = 'working_group_decision' then 'реструктуризация' end,
    'demo', step.day + interval '16 hours'
from ops.execution_document as e
cross join lateral (
    select pg_temp.chance('dispatched', e.execution_document_id::text) as sent,
        pg_temp.chance('receipt', e.execution_document_id::text) as receipt,
        pg_temp.chance('bailiff', e.execution_document_id::text) as act
) as luck
cross join lateral (values
    ('writ_dispatched', e.issued_on + 14 + (luck.receipt * 20)::int, luck.sent < 0.88),
    ('account_seizure', e.issued_on + 60 + (luck.sent * 30)::int, luck.sent < 0.5),
    ('travel_ban', e.issued_on + 90 + (luck.sent * 30)::int, luck.sent < 0.12),
    ('writ_returned', e.issued_on + 150 + (luck.act * 60)::int, luck.act < 0.22),
    ('working_group_decision', e.issued_on + 165 + (luck.act * 120)::int, luck.act < 0.15),
    ('property_change', e.issued_on + 260 + (luck.act * 60)::int, luck.act < 0.12),
    ('writ_dispatched', e.issued_on + 275 + (luck.act * 90)::int, luck.act < 0.09)
) as step (kind, day, happens)
where step.happens and step.day < %(today)s::date
order by step.day, e.account_id
"""
# Who was paid directly tells the bailiffs, mostly within a week.
DIRECT_NOTICES = """
insert into ops.account_event (
    account_id, kind, happened_on, amount, document_number, execution_document_id, bailiff_office,
    source, recorded_at
)
select p.account_id, 'direct_payment_notice', told.day, p.amount, e.number,
    e.execution_document_id, 'Красногорское ОСП', 'demo', told.day + interval '16 hours'
from ops.payment as p
inner join ops.execution_document as e on p.execution_document_id = e.execution_document_id
cross join lateral (
    select p.paid_on + 1 + (pg_temp.chance('told on', p.payment_id::text) * 9)::int as day,
        pg_temp.chance('told of', p.payment_id::text) as luck
) as told
where p.amount > 0 and p.channel <> 'bailiff' and told.luck < 0.8 and told.day < %(today)s::date
    and p.paid_on >= date_trunc('month', %(today)s::date) - %(months)s * interval '1 month'
order by told.day, p.account_id, p.payment_id
"""
RESTRICTIONS = """
insert into ops.account_event
    (account_id, kind, happened_on, document_number, executor, source, recorded_at)
select d.account_id, step.kind, step.day, 'О-' || d.account_id, 'Ершов П. А.', 'demo',
    step.day + interval '16 hours'
from debtor as d
inner join worked_day as w
    on pg_temp.chance('restricted', d.account_id || ':' || w.day) < 0.0012
cross join lateral (values
    ('restriction_notice', w.day),
    (case when pg_temp.chance('cut', d.account_id::text) < 0.55 then 'restriction' end, w.day + 24)
) as step (kind, day)
where step.kind is not null and step.day < %(today)s::date
order by step.day, d.account_id
"""
PHOTO = """
insert into ops.event_file (organisation_id, sha256, file_name, content, recorded_at)
select organisation_id, encode(sha256('объявление'::bytea), 'hex'), 'объявление.txt',
    'объявление'::bytea, min(%(today)s::date - 200) + interval '9 hours'
from debtor
group by organisation_id
order by organisation_id
"""
POSTERS = """
insert into ops.public_event (
    organisation_id, kind, happened_on, house_ids, entrance, title, file_sha256, executor, source,
    recorded_at
)
select d.organisation_id, 'poster', up.day, array[d.house_id], 1, 'О задолженности дома',
    case when up.luck < 0.7 then encode(sha256('объявление'::bytea), 'hex') end, 'Ершов П. А.',
    'demo', up.day + interval '18 hours'
from (
    select organisation_id, house_id from debtor where house_id is not null
    group by organisation_id, house_id
) as d
cross join generate_series(
    date_trunc('month', %(today)s::date) - %(months)s * interval '1 month',
    date_trunc('month', %(today)s::date), interval '1 month'
) as m (month)
cross join lateral (
    select m.month::date + (pg_temp.chance('poster day', d.house_id || ':' || m.month) * 20)::int
        as day, pg_temp.chance('poster', d.house_id || ':' || m.month) as luck
) as up
where up.luck < 0.78 and up.day < %(today)s::date
order by up.day, d.organisation_id, d.house_id
"""
# The municipality writes to the press; the companies meet residents, bailiffs and go on raids.
PUBLIC = """
insert into ops.public_event (
    organisation_id, kind, happened_on, house_ids, title, reference, bailiff_office, participants,
    amount, amount_after, is_signed, executor, source, recorded_at
)
select o.organisation_id, what.kind, done.day,
    case when what.kind = 'meeting' then (
        select array_agg(chosen.house_id order by chosen.house_id)
        from (
            select distinct house_id from debtor
            where organisation_id = o.organisation_id and house_id is not null
                and pg_temp.chance('met', house_id || ':' || m.month) < 0.2
        ) as chosen
    ) end,
    what.title, case when what.kind = 'publication' then 'Красногорские вести, № '
        || to_char(done.day, 'WW') when what.kind = 'reconciliation' then 'Акт № '
        || to_char(done.day, 'MM') || '-' || o.organisation_id end,
    case when what.kind in ('raid', 'reconciliation') then 'Красногорское ОСП' end,
    case when what.kind in ('meeting', 'raid', 'forum')
        then 4 + (pg_temp.chance('people', o.organisation_id || ':' || m.month) * 20)::int end,
    case what.kind when 'reconciliation' then 12500 when 'publication' then (
        select a.amount from announced as a where a.month = m.month and a.amount > 0
    ) end,
    case when what.kind = 'reconciliation' then 800 end,
    what.kind = 'reconciliation' and done.luck < what.often * 0.8, null, 'demo',
    done.day + interval '18 hours'
from ops.organisation as o
cross join generate_series(
    date_trunc('month', %(today)s::date) - %(months)s * interval '1 month',
    date_trunc('month', %(today)s::date), interval '1 month'
) as m (month)
cross join (values
    ('publication', 'Кто и сколько должен городу', 'municipality', 0.9),
    ('forum', 'Форум «Управдом»', 'municipality', 0.1),
    ('meeting', 'Собрание со старшими по домам', 'keeper', 0.35),
    ('raid', 'Совместный рейд с приставами', 'keeper', 0.2),
    ('reconciliation', 'Сверка взысканного', 'keeper', 0.6)
) as what (kind, title, whose, often)
cross join lateral (
    select m.month::date + (pg_temp.chance('day' || what.kind, o.organisation_id || ':' || m.month)
        * 18)::int as day,
        pg_temp.chance(what.kind, o.organisation_id || ':' || m.month) as luck
) as done
where done.luck < what.often and done.day < %(today)s::date
    and case what.whose when 'municipality' then o.kind = 'municipality'
        else o.organisation_id in (select organisation_id from debtor) end
order by done.day, o.organisation_id, what.kind
"""
# What the municipality tells the press; now and then the clerk was wrong.
ANNOUNCED = """
create temporary table announced on commit drop as
select m.month, round(sum(owed.debt)
    * (case when pg_temp.chance('press', m.month::text) < 0.3 then 0.9 else 1 end)::numeric, -3)
    as amount
from generate_series(
    date_trunc('month', %(today)s::date) - %(months)s * interval '1 month',
    date_trunc('month', %(today)s::date), interval '1 month'
) as m (month)
cross join ops.organisation as o
cross join lateral (
    select m.month::date
        + (pg_temp.chance('daypublication', o.organisation_id || ':' || m.month) * 18)::int as day
) as told
cross join ops.account as a
cross join lateral (
    select greatest(0, coalesce((
        select sum(c.amount) from ops.charge as c
        where c.account_id = a.account_id
            and c.period + interval '1 month' + interval '14 days' < told.day
    ), 0) - coalesce((
        select sum(p.amount) from ops.payment as p
        where p.account_id = a.account_id and p.paid_on <= told.day
    ), 0)) as debt
) as owed
where o.kind = 'municipality' and %(is_small)s
group by m.month
"""
BILLS = """
insert into ops.bill_event (
    account_id, period, issued_on, has_penalty_information, penalty_amount, source, recorded_at
)
select a.account_id, m.month::date, issued.day,
    pg_temp.chance('told', a.organisation_id || ':' || a.account_id / 20 || ':' || m.month) < 0.985,
    case when d.account_id is not null
            and pg_temp.chance('penalty', a.account_id || ':' || m.month) < 0.9
        then round((50 + pg_temp.chance('penalty sum', a.account_id || ':' || m.month) * 900)
            ::numeric, 2) end,
    'demo', issued.day + interval '20 hours'
from ops.account as a
cross join generate_series(
    date_trunc('month', %(today)s::date) - %(bill_months)s * interval '1 month',
    date_trunc('month', %(today)s::date) - interval '1 month', interval '1 month'
) as m (month)
cross join lateral (select (m.month + interval '1 month')::date + 2 as day) as issued
left join debtor as d on a.account_id = d.account_id
where issued.day < %(today)s::date
    and exists (
        select from ops.charge as c where c.account_id = a.account_id and c.period = m.month::date
    )
order by m.month, a.account_id
"""

STATEMENTS = (
    ("contact_event", CALLS),
    ("contact_event", MESSAGES),
    ("account_event", NOTICES),
    ("account_event", FILINGS),
    ("account_event", WRITS),
    ("account_event", DIRECT_NOTICES),
    ("account_event", RESTRICTIONS),
    ("event_file", PHOTO),
    ("public_event", POSTERS),
    ("public_event", PUBLIC),
    ("bill_event", BILLS),
)


def do_the_work(
    connection: psycopg.Connection, *, seed: int, today: str, accounts: int
) -> dict[str, int]:
    """Fill the tables of work of a town whose ledger is loaded; return rows by table."""
    small = accounts <= SMALL_TOWN
    values = {
        "seed": seed,
        "today": today,
        "months": MONTHS_OF_WORK,
        "is_small": small,
        "bill_months": MONTHS_OF_BILLS_IN_A_SMALL_TOWN if small else MONTHS_OF_BILLS_IN_A_LARGE_ONE,
    }
    connection.execute(SEED, {"seed": seed})
    connection.execute(CHANCE)
    for script in (DEBTORS, WORKING_DAYS, ANNOUNCED):
        for statement in script.split(";"):
            connection.execute(statement, values)
    for table in WORKED_TABLES:
        # The tables are empty, and the same town has the same numbers however often it was tried.
        connection.execute(
            sql.SQL("alter table {} alter column {} restart with 1").format(
                sql.Identifier("ops", table), sql.Identifier(f"{table}_id")
            )
        )
    rows = dict.fromkeys(WORKED_TABLES, 0)
    for table, statement in STATEMENTS:
        rows[table] += connection.execute(statement, values).rowcount
    connection.execute("drop function pg_temp.chance(text, text)")
    return rows
