-- YY: rates without weights, adjustments that are only counted, a total where one was entered.

create table closings as
select o.world, o.unit, o.order_id, o.anonymous,
    exists (select 1 from log l where (l.world, l.order_id) = (o.world, o.order_id) and l.event = 'contact')
    and not exists (
        select 1 from deadlines d
        where (d.world, d.order_id, d.rule, d.verdict) = (o.world, o.order_id, 'YY-T01', 'late')
    ) as contacted,
    not exists (
        select 1 from deadlines d
        where (d.world, d.order_id) = (o.world, o.order_id) and d.dispatch in (o.dispatches, 0)
        and d.rule in ('YY-T02', 'YY-T03', 'YY-T04', 'YY-T08') and d.verdict in ('late', 'overdue')
    ) as on_time
from orders o
where o.closed_now;

create table counts as
select u.world, u.unit, u.pool, v.accepted, v.accepted_orders,
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
    select world, unit, 'contact' as item, contacted as num_n, named as den, named_orders as orders
    from counts
    union all select world, unit, 'on_time', on_time, closed, closed_orders from counts
    union all select world, unit, 'resolution', resolved, effective, orders from counts
    union all select world, unit, 'satisfaction', satisfied, asked, asked_orders from counts
)
select world, unit, item, null::bigint as points_n, 1 as points_d, num_n, 1 as num_d, den, orders
from measured;

create table adjusted as select world, unit, 0 as bonus100, 0 as deduction100 from counts;

create table scored as
select world, unit, pool, if(accepted = 0 and closed = 0, 'no_orders', 'rates_only') as status,
    true as has_total, if(pool is null, null, 'all') as rank_pool
from counts;

create table rates as
select world, unit, 'volume' as rate, null::bigint as num_n, 1 as num_d, null::bigint as den from counts
union all select world, unit, 'contact', contacted, 1, named from counts
union all select world, unit, 'on_time', on_time, 1, closed from counts
union all select world, unit, 'resolution', resolved, 1, effective from counts;
