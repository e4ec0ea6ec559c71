-- JY: five items, bonus and deduction of ten each, units without orders full, two classes ranked apart.

create table late as
select o.world, o.unit, o.order_id
from orders o join deadlines d using (world, order_id)
where o.closed_now and d.rule = 'JY-T09' and d.dispatch = o.dispatches and d.verdict in ('late', 'overdue');

create table contacted as
select distinct e.world, e.unit, e.order_id
from evaluations e join log l using (world, order_id)
where l.event = 'contact' and l.evidence is not null;

create table counts as
with closings as (
    select world, unit, count(*) as closed from orders where closed_now group by all
),
late_ones as (
    select world, unit, count(*) as late, list(order_id order by order_id) as late_orders
    from late group by all
),
contacts as (
    select world, unit, count(*) as contacted from contacted group by all
)
select u.world, u.unit, u.pool, v.accepted, v.accepted_orders, a.* exclude (world, unit),
    coalesce(c.closed, 0) as closed, coalesce(l.late, 0) as late, l.late_orders,
    coalesce(t.contacted, 0) as contacted, v.pool_accepted
from units u join volume v using (world, unit) join answers a using (world, unit)
left join closings c using (world, unit) left join late_ones l using (world, unit)
left join contacts t using (world, unit);

-- JY-S08, X01, X02.
create table statuses as
select world, unit, pool,
    case when accepted = 0 and closed = 0 then 'no_orders' when effective = 0 then 'not_assessed'
        else 'assessed' end as status
from counts;

-- JY-S01: a fifth of the volume earns all, the others are ranked among themselves; S02: all are ranked.
create table bands as
with placed as (
    select world, unit, pool, accepted, pool_accepted,
        pool = 'department' and accepted * 5 >= pool_accepted as a_fifth,
        rank() over (
            partition by world, pool, pool = 'department' and accepted * 5 >= pool_accepted
            order by accepted desc
        ) as place
    from counts where accepted > 0 and pool is not null
)
select world, unit,
    case when pool = 'department' then
            case when a_fifth then 10 when place <= 3 then 8 when place <= 6 then 6 else 5 end
        else
            case when place <= 10 then 10 when place <= 20 then 9 when place <= 30 then 8
                when place <= 40 then 7 else 6 end
    end as halves
from placed;

create table items as
with figures as (
    select c.*, s.status, b.halves
    from counts c join statuses s using (world, unit) left join bands b using (world, unit)
),
measured as (
    select world, unit, pool, status, 'volume' as item, 5 as most,
        coalesce(halves, 0) as points_n, 2 as points_d, accepted as num_n, 1 as num_d, pool_accepted as den,
        accepted_orders as orders
    from figures where pool is not null  -- which volume rule applies, the pool decides
    union all
    select world, unit, pool, status, 'timeliness', 10, greatest(0, 10 - late), 1, late, 1, null,
        late_orders
    from figures
    union all
    select world, unit, pool, status, 'contact', 25, 25 * contacted, effective, contacted, 1, effective,
        orders
    from figures
    union all
    select world, unit, pool, status, 'resolution', 25, 25 * (10 * (resolved + explained) + 7 * recorded),
        10 * effective, 10 * (resolved + explained) + 7 * recorded, 10, effective, orders
    from figures
    union all
    select world, unit, pool, status, 'satisfaction', 35,
        35 * (10 * satisfied + 8 * basically_satisfied + 6 * neutral), 10 * effective,
        10 * satisfied + 8 * basically_satisfied + 6 * neutral, 10, effective, orders
    from figures
)
select world, unit, item, num_n, num_d, den, orders,
    case when status = 'not_assessed' then null when status = 'no_orders' then most else points_n end
    as points_n,
    case when status = 'assessed' then points_d else 1 end as points_d
from measured;

-- JY-B01 to B10; a bonus counts when somebody confirmed it (G08), a month not assessed has none of either.
create table adjusted as
with scored as (
    select e.world, e.unit,
        e.code in ('praise', 'three_duty') as bonus,
        case e.code
            when 'three_duty' then 50 + 100 * coalesce(
                e.good, v.satisfaction in ('satisfied', 'basically_satisfied'), false)::integer
            when 'talk_branch' then 100 when 'talk_joint' then 200 when 'talk_main' then 300
            when 'media' then 300 when 'absent' then 100
            else e.points100
        end as points100
    from entered_now e left join evaluated v using (world, order_id)
    where e.code not in ('praise', 'three_duty') or e.confirmed_by is not null
)
select s.world, s.unit,
    case when s.status = 'not_assessed' then 0 else
        least(1000, coalesce(sum(a.points100) filter (a.bonus), 0)) end as bonus100,
    case when s.status = 'not_assessed' then 0 else
        least(1000, coalesce(sum(a.points100) filter (not a.bonus), 0)) end as deduction100
from statuses s left join scored a using (world, unit)
group by s.world, s.unit, s.status;

create table scored as
select world, unit, pool, status, status <> 'not_assessed' and pool is not null as has_total,
    pool as rank_pool, 20 * greatest(1, effective) as common
from statuses join answers using (world, unit);

create table rates as
select world, unit, 'volume' as rate, if(pool is null, null, accepted) as num_n, 1 as num_d,
    if(pool is null, null, pool_accepted) as den
from counts
union all select world, unit, 'contact', contacted, 1, effective from counts
union all select world, unit, 'on_time', closed - late, 1, closed from counts
union all
select world, unit, 'resolution', 10 * (resolved + explained) + 7 * recorded, 10, effective from counts;
