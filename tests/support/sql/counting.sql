-- What every policy counts, over the long-form log (CONTRACT 7 and 8).
-- Each table holds all worlds at once: `world` is part of every key. `n` is an event's place in its order's
-- log.
-- A share is a numerator and a whole denominator; no figure ever is a float.

create table log as
select e.*, row_number() over (partition by e.world, e.order_id order by e.moment, e.row) as n
from events e join worlds w using (world)
where e.moment <= w.as_of;

-- Whose: the unit of the last dispatch.
create table held as
select world, order_id, n, moment, unit,
    row_number() over life as dispatch,
    lead(moment) over life as until,
    row_number() over (partition by world, order_id order by n desc) as back
from log where event = 'dispatch'
window life as (partition by world, order_id order by n);

create table orders as
with all_orders as (
    select world, order_id,
        coalesce(max(n) filter (event = 'dispatch'), 0) as dispatched_n,
        coalesce(max(n) filter (event in ('dispatch', 'redo')), 0) as anew_n,
        count(*) filter (event = 'dispatch') as dispatches,
        max(n) filter (event = 'receive' and anonymous) is not null as anonymous
    from log group by all
),
first_accept as (
    select o.world, o.order_id, arg_min(l.moment, l.n) as accepted_at
    from all_orders o join log l using (world, order_id)
    where l.event = 'accept' and l.n > o.dispatched_n group by all
),
first_close as (
    select o.world, o.order_id, arg_min(l.moment, l.n) as closed_at, min(l.n) as closed_n
    from all_orders o join log l using (world, order_id)
    where l.event = 'close' and l.n > o.anew_n group by all
)
select o.*, h.unit, a.accepted_at, c.closed_at, c.closed_n,
    coalesce(a.accepted_at >= w.begins and a.accepted_at < w.ends, false) as accepted_now,
    coalesce(c.closed_at >= w.begins and c.closed_at < w.ends, false) as closed_now
from all_orders o
join worlds w using (world)
left join held h on (h.world, h.order_id, h.back) = (o.world, o.order_id, 1)
left join first_accept a on (a.world, a.order_id) = (o.world, o.order_id)
left join first_close c on (c.world, c.order_id) = (o.world, o.order_id);

-- Callbacks since the last dispatch or redo; effective when said, or implied by both answers.
create table calls as
select l.world, l.order_id, l.n, l.moment, l.result, l.outcome, l.satisfaction, l.process_satisfaction,
    l.source,
    coalesce(l.result, '') = 'effective' or (coalesce(l.result, '') <> 'not_connected'
        and l.outcome is not null and l.satisfaction is not null) as effective
from log l join orders o using (world, order_id)
where l.event = 'revisit' and l.n > o.anew_n;

-- The evaluation of an order: its last effective callback of a source that counts; not said: counted.
create table evaluated as
select world, order_id, n, outcome, satisfaction, process_satisfaction
from calls, policy p
where effective and (p.counts is null or source is null or source = p.counts)
qualify row_number() over (partition by world, order_id order by n desc) = 1;

-- Which request each decision on an exclusion speaks of: the last one before it that is still undecided.
create table decided_exclusions as
with steps as (
    select world, order_id, n, event, role, exclusion, evidence,
        lag(event) over life as before, lag(exclusion) over life as asked, lag(evidence) over life as shown
    from log where event in ('request_exclusion', 'approve_exclusion', 'refuse_exclusion')
    window life as (partition by world, order_id order by n)
)
select world, order_id, role, asked, shown
from steps where event = 'approve_exclusion' and before = 'request_exclusion';

create table entered_now as
select e.* from entered e join worlds w using (world) where e.moment >= w.begins and e.moment < w.ends;

-- The units of a month: those the roster lists in it; those it never lists (all, without a roster) once
-- anything tells of them; those it lists at another time only where something of theirs counts in the month.
create table units as
with listed as (
    select l.world, l.unit,
        arg_max(l.pool, coalesce(l.from_on, date '0001-01-01')) filter (
            coalesce(l.from_on < w.ends, true) and coalesce(l.to_on >= w.begins, true)
        ) as pool
    from listings l join worlds w using (world)
    group by all
),
told as (
    select world, unit from held where unit is not null
    union select world, unit from entered
),
busy as (
    select world, unit from orders where unit is not null and (accepted_now or closed_now)
    union select world, unit from entered_now
)
select world, unit, case when w.listed then l.pool else p.first_pool end as pool
from (select * from told union select world, unit from listed) u
join worlds w using (world)
cross join policy p
left join listed l using (world, unit)
where l.pool is not null
    or l.unit is null
    or exists (select 1 from busy b where (b.world, b.unit) = (u.world, u.unit));

-- Evaluations of the month: of the orders closed in it; a policy may take one out of a rate.
create table evaluations as
select o.world, o.unit, o.order_id, e.outcome, e.satisfaction, true as in_outcome, true as in_satisfaction
from orders o join evaluated e using (world, order_id)
where o.closed_now;

-- Orders that leave callback and rates altogether; SW fills it.
create table recognised (world bigint, order_id varchar);

-- Coverage: closed orders that were called back, or tried; under YY of those that can be (C01).
create view coverage as
select o.world, o.unit, count(*) as due,
    count(*) filter (
        exists (select 1 from calls c where (c.world, c.order_id) = (o.world, o.order_id))
    ) as made
from policy p, orders o anti join recognised using (world, order_id)
where o.closed_now and not (p.name = 'YY' and o.anonymous)
group by all;

create table volume as
with own as (
    select world, unit, count(*) as accepted, list(order_id order by order_id) as orders
    from orders where accepted_now group by all
)
select u.world, u.unit, u.pool, coalesce(o.accepted, 0) as accepted, o.orders as accepted_orders,
    sum(coalesce(o.accepted, 0)) over (partition by u.world, u.pool) as pool_accepted,
    sum(coalesce(o.accepted, 0)) filter (u.pool is not null) over (partition by u.world) as all_accepted
from units u left join own o using (world, unit);

-- The answers of the month, as a view: a policy takes evaluations out before it looks.
create view answers as
select u.world, u.unit,
    count(*) filter (e.in_outcome) as effective,
    list(e.order_id order by e.order_id) filter (e.in_outcome) as orders,
    count(*) filter (e.in_outcome and e.outcome = 'resolved') as resolved,
    count(*) filter (e.in_outcome and e.outcome = 'explained') as explained,
    count(*) filter (e.in_outcome and e.outcome = 'recorded') as recorded,
    count(*) filter (e.in_outcome and e.outcome = 'unresolved') as unresolved,
    count(*) filter (e.in_satisfaction) as asked,
    list(e.order_id order by e.order_id) filter (e.in_satisfaction) as asked_orders,
    count(*) filter (e.in_satisfaction and e.satisfaction = 'satisfied') as satisfied,
    count(*) filter (e.in_satisfaction and e.satisfaction = 'basically_satisfied') as basically_satisfied,
    count(*) filter (e.in_satisfaction and e.satisfaction = 'neutral') as neutral,
    count(*) filter (e.in_satisfaction and e.satisfaction = 'dissatisfied') as dissatisfied
from units u left join evaluations e using (world, unit)
group by all;
