-- SW: rates without weights, recognised returns left out of them, adjustments the leading group confirmed.

-- SW-G01, X01: a return that the bureau office approved since the last dispatch takes the order out of
-- callback and rates; the volume keeps it.
insert into recognised
select distinct l.world, l.order_id
from log l join orders o using (world, order_id)
where l.event = 'approve_return' and l.n > o.dispatched_n and (l.role is null or l.role = 'hotline_office');

delete from evaluations e
where exists (select 1 from recognised r where (r.world, r.order_id) = (e.world, e.order_id));

create table closings as
select o.world, o.unit, o.order_id, o.anonymous,
    exists (select 1 from log l where (l.world, l.order_id) = (o.world, o.order_id) and l.event = 'contact')
    and not exists (
        select 1 from deadlines d
        where (d.world, d.order_id, d.dispatch, d.rule) = (o.world, o.order_id, o.dispatches, 'SW-T01')
        and d.verdict = 'late'
    ) as contacted,
    not exists (
        select 1 from deadlines d
        where (d.world, d.order_id, d.dispatch, d.rule) = (o.world, o.order_id, o.dispatches, 'SW-T04')
        and d.verdict in ('late', 'overdue')
    ) as on_time
from orders o anti join recognised using (world, order_id)
where o.closed_now;

create table counts as
select u.world, u.unit, u.pool, v.accepted, v.accepted_orders, v.all_accepted,
    (select count(*) from orders o where (o.world, o.unit) = (u.world, u.unit) and o.closed_now)
    as closed_at_all,
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

create table items as
with measured as (
    select world, unit, 'volume' as item, accepted as num_n, if(pool is null, null, all_accepted) as den,
        accepted_orders as orders
    from counts
    union all select world, unit, 'contact', contacted, named, named_orders from counts
    union all select world, unit, 'on_time', on_time, closed, closed_orders from counts
    union all select world, unit, 'resolution', resolved, effective, orders from counts
    union all select world, unit, 'satisfaction', satisfied, asked, asked_orders from counts
)
select world, unit, item, null::bigint as points_n, 1 as points_d, num_n, 1 as num_d, den, orders
from measured
union all
select u.world, u.unit, 'base', sum(e.points100), 100, sum(e.points100), 100, null, null
from units u
left join entered_now e
    on (e.world, e.unit, e.code, e.confirmed_by) = (u.world, u.unit, 'base', 'leading_group')
group by all;

-- SW-B01, B02: three points at most, half a point each and five at most; the leading group decides.
create table adjusted as
select c.world, c.unit,
    least(300, coalesce(sum(e.points100) filter (e.code = 'bonus'), 0)) as bonus100,
    least(500, 50 * count(*) filter (e.code = 'deduct')) as deduction100
from counts c left join (select * from entered_now where confirmed_by = 'leading_group') e using (world, unit)
group by c.world, c.unit;

create table scored as
select world, unit, pool, if(accepted = 0 and closed_at_all = 0, 'no_orders', 'rates_only') as status,
    coalesce(pool, 'one_stop') = 'one_stop' as has_total, pool as rank_pool
from counts;

create table rates as
select world, unit, 'volume' as rate, if(pool is null, null, accepted) as num_n, 1 as num_d,
    if(pool is null, null, all_accepted) as den
from counts
union all select world, unit, 'contact', contacted, 1, named from counts
union all select world, unit, 'on_time', on_time, 1, closed from counts
union all select world, unit, 'resolution', resolved, 1, effective from counts;
