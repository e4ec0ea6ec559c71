-- BS: five weighted rates, full where nothing could be counted; annex 3 leaves satisfaction, annex 4 both.

-- BS-X24 to X33: findings that are not evaluated, inside their case type; outside it a finding is none.
create table not_evaluated as
with found as (
    select o.world, o.order_id, c.finding,
        (select arg_max(r.case_type, r.n) from log r where (r.world, r.order_id) = (o.world, o.order_id)
            and r.event = 'receive' and r.case_type is not null) as case_type
    from orders o join log c on (c.world, c.order_id, c.n) = (o.world, o.order_id, o.closed_n)
    where o.closed_now
)
select world, order_id from found
where (case_type = 'enquiry' and finding in ('no_policy_info', 'explanation_refused'))
    or (case_type in ('complaint_report', 'help', 'other') and finding = 'unfounded')
    or (case_type = 'suggestion' and finding in ('kept_for_reference', 'not_adopted'));

update evaluations e set in_outcome = false, in_satisfaction = false
where exists (select 1 from not_evaluated x where (x.world, x.order_id) = (e.world, e.order_id));

-- BS-X01 to X22: asked with evidence, approved by the licensing section (or by whom the log does not say).
create table excluded as
select distinct world, order_id from decided_exclusions
where asked is not null and asked <> 'unreasonable' and shown is not null
    and (role is null or role = 'licensing_section');

update evaluations e set in_satisfaction = false
where exists (select 1 from excluded x where (x.world, x.order_id) = (e.world, e.order_id));

-- The limit of the closing: what was approved last since the last dispatch, else the dispatch's, else the
-- receipt's.
create table limits as
select o.world, o.order_id,
    coalesce(
        arg_max(l.order_due, l.n) filter (
            l.event = 'approve_extension' and l.n > o.dispatched_n and l.order_due is not null),
        any_value(l.order_due) filter (l.n = o.dispatched_n),
        arg_max(l.order_due, l.n) filter (l.event = 'receive' and l.order_due is not null)
    ) as due_at,
    arg_min(l.moment, l.n) filter (l.event = 'close' and l.n > o.dispatched_n) as first_closed_at
from orders o join log l using (world, order_id)
group by all;

create table closings as
select o.world, o.unit, o.order_id, o.anonymous,
    exists (select 1 from log l where (l.world, l.order_id) = (o.world, o.order_id) and l.event = 'contact')
    as contacted,
    coalesce(i.first_closed_at <= i.due_at, true)
    and not exists (
        select 1 from deadlines d where (d.world, d.order_id) = (o.world, o.order_id) and d.rule = 'BS-T04'
        and d.dispatch = o.dispatches and d.verdict in ('late', 'overdue')
    ) as on_time
from orders o join limits i using (world, order_id)
where o.closed_now;

create table counts as
select u.world, u.unit, u.pool, v.accepted, v.accepted_orders, v.pool_accepted,
    count(c.order_id) as closed,
    list(c.order_id order by c.order_id) filter (c.order_id is not null) as closed_orders,
    count(*) filter (c.on_time) as on_time,
    count(*) filter (not c.anonymous) as named,
    list(c.order_id order by c.order_id) filter (not c.anonymous) as named_orders,
    count(*) filter (not c.anonymous and c.contacted) as contacted,
    a.* exclude (world, unit)
from units u join volume v using (world, unit) join answers a using (world, unit)
left join closings c using (world, unit)
group by all;

-- Support sections are not assessed, nor is a month without a closing.
create table statuses as
select *, if(closed = 0 or coalesce(pool = 'support_section', false), 'not_assessed', 'assessed') as status
from counts;

create table items as
with measured as (
    select world, unit, status, 'volume' as item, 5 as most, accepted as num_n, 1 as num_d,
        if(pool = 'undertaking', pool_accepted, null) as den, accepted_orders as orders
    from statuses
    union all select world, unit, status, 'contact', 20, contacted, 1, named, named_orders from statuses
    union all select world, unit, status, 'on_time', 20, on_time, 1, closed, closed_orders from statuses
    union all select world, unit, status, 'resolution', 25, resolved, 1, effective, orders from statuses
    union all
    select world, unit, status, 'satisfaction', 30, 100 * satisfied + 80 * basically_satisfied + 60 * neutral,
        100, asked, asked_orders
    from statuses
)
select world, unit, item, num_n, num_d, den, orders,
    case when status = 'not_assessed' then null when den = 0 then most else most * num_n end as points_n,
    case when den = 0 then 1 else num_d * den end as points_d
from measured;

-- BS-B01: three at most; the bonus of a month without a closing lapses (S06).
create table adjusted as
select s.world, s.unit,
    if(s.closed = 0, 0, least(300, coalesce(sum(e.points100), 0))) as bonus100, 0 as deduction100
from statuses s left join entered_now e on (e.world, e.unit, e.code) = (s.world, s.unit, 'backstop')
group by s.world, s.unit, s.closed;

create table scored as
select world, unit, pool, status, status = 'assessed' and pool is not null as has_total, pool as rank_pool,
    100 * greatest(1, pool_accepted)::hugeint * greatest(1, named) * greatest(1, closed)
        * greatest(1, effective) * greatest(1, asked) as common
from statuses;

create table rates as
select world, unit, 'volume' as rate, if(pool = 'undertaking', accepted, null) as num_n, 1 as num_d,
    if(pool = 'undertaking', pool_accepted, null) as den
from counts
union all select world, unit, 'contact', contacted, 1, named from counts
union all select world, unit, 'on_time', on_time, 1, closed from counts
union all select world, unit, 'resolution', resolved, 1, effective from counts;
