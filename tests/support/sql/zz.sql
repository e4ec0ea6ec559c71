-- ZZ: points off per case; satisfaction below the district's mean by whole tenths; callbacks by their own
-- month.

-- Callbacks of the month, made or answered; an order counts once, by the last one that was connected.
create table called as
select o.world, o.unit, c.order_id, c.n, c.outcome, c.satisfaction, c.process_satisfaction,
    coalesce(
        c.result <> 'not_connected', coalesce(c.outcome, c.satisfaction, c.process_satisfaction) is not null
    ) as connected
from calls c join orders o using (world, order_id) join worlds w using (world) cross join policy p
where c.moment >= w.begins and c.moment < w.ends and (c.source is null or c.source = p.counts);

create table last_called as
from called where connected
qualify row_number() over (partition by world, order_id order by n desc) = 1;

-- ZZ-X01: unreasonable demands, shown and approved by the mayor's platform, leave the rates and the mean.
create table excluded as
select distinct world, order_id from decided_exclusions
where asked = 'unreasonable' and shown is not null and (role is null or role = 'mayor_platform');

create table rated as
select world, unit, order_id, coalesce(satisfaction = 'satisfied', false) as result_ok,
    coalesce(process_satisfaction = 'satisfied', false) as process_ok
from last_called anti join excluded using (world, order_id);

delete from evaluations;
insert into evaluations
select world, unit, order_id, outcome, satisfaction, true as in_outcome,
    not exists (select 1 from excluded x where (x.world, x.order_id) = (c.world, c.order_id))
    as in_satisfaction
from last_called c;

-- What a unit did itself counts for the unit of the dispatch it did it in.
create table doings as
select l.world, l.order_id, l.n, l.moment, l.event, l.return_kind, l.caller_told, l.met, h.dispatch, h.unit
from log l join worlds w using (world)
asof join held h on h.world = l.world and h.order_id = l.order_id and h.n <= l.n
where l.event in ('request_return', 'supervision_reply') and l.moment >= w.begins and l.moment < w.ends
    and h.unit is not null;

create table late_returns as
select r.world, r.unit, r.order_id
from doings r
where r.event = 'request_return' and exists (
    select 1 from deadlines d
    where (d.world, d.order_id, d.dispatch, d.done_at) = (r.world, r.order_id, r.dispatch, r.moment)
    and d.rule in ('ZZ-T01', 'ZZ-T02') and d.verdict = 'late'
);

create table uncontacted as
select r.world, r.unit, r.order_id
from doings r
where r.event = 'request_return' and r.return_kind = 'noncompliant'
    and not coalesce(r.caller_told, exists (
        select 1 from log c
        where (c.world, c.order_id) = (r.world, r.order_id) and c.event = 'contact' and c.n < r.n));

create table unmet as
select world, unit, order_id from doings
where event = 'supervision_reply' and met = false;

-- Limits that passed unanswered while the unit of their dispatch held the order.
create table passed as
select d.world, d.order_id, d.dispatch, d.due_at, h.unit
from deadlines d join held h using (world, order_id, dispatch)
where d.rule = 'ZZ-T03' and d.verdict in ('late', 'overdue')
    and h.moment <= d.due_at and coalesce(h.until > d.due_at, true)
    and not exists (
        select 1 from log l
        where (l.world, l.order_id) = (d.world, d.order_id) and l.event in ('approve_return', 'hand_back')
        and l.n > h.n and l.moment <= d.due_at
    );

-- ZZ-R04: a ruling moves the limit it names, else the latest passed before it; the last on one stands.
create table ruled as
with rulings as (
    select l.world, l.order_id, l.n, l.unit, max(p.due_at) as due_at
    from log l join passed p on (p.world, p.order_id) = (l.world, l.order_id) and p.due_at < l.moment
        and coalesce(l.order_due, p.due_at) = p.due_at
    where l.event = 'rule_overdue' and l.unit is not null
    group by all
)
select world, order_id, due_at, arg_max(unit, n) as unit from rulings group by all;

create table borne as
select p.world, coalesce(r.unit, p.unit) as unit, p.order_id,
    p.due_at >= w.begins and p.due_at < w.ends as now
from passed p join worlds w using (world)
left join ruled r using (world, order_id, due_at);

-- Whoever was called back, did something or bears a lateness has a line too.
insert into units
select d.world, d.unit, if(w.listed, null, p.first_pool)
from (
    select world, unit, true as now from called where unit is not null
    union select world, unit, true from doings
    union select world, unit, now from borne where unit is not null
) d
join worlds w using (world)
cross join policy p
where not exists (select 1 from units u where (u.world, u.unit) = (d.world, d.unit))
    and (d.now or not exists (select 1 from listings l where (l.world, l.unit) = (d.world, d.unit)))
group by all;

create table counts as
with tallies as (
    select world, unit, 'made' as what, order_id from called
    union all select world, unit, 'connected', order_id from rated
    union all select world, unit, 'result', order_id from rated where result_ok
    union all select world, unit, 'process', order_id from rated where process_ok
    union all select world, unit, 'returns', order_id from late_returns
    union all select world, unit, 'noncompliant', order_id from uncontacted
    union all select world, unit, 'overdue', order_id from borne where now
    union all select world, unit, 'supervision', order_id from unmet
)
select u.world, u.unit, u.pool,
    count(*) filter (what = 'made') as made,
    count(*) filter (what = 'connected') as connected,
    list(distinct order_id order by order_id) filter (what = 'connected') as connected_orders,
    count(*) filter (what = 'result') as result_ok,
    count(*) filter (what = 'process') as process_ok,
    count(*) filter (what = 'returns') as returns,
    list(distinct order_id order by order_id) filter (what = 'returns') as returns_orders,
    count(*) filter (what = 'noncompliant') as noncompliant,
    list(distinct order_id order by order_id) filter (what = 'noncompliant') as noncompliant_orders,
    count(*) filter (what = 'overdue') as overdue,
    list(distinct order_id order by order_id) filter (what = 'overdue') as overdue_orders,
    count(*) filter (what = 'supervision') as unmet,
    list(distinct order_id order by order_id) filter (what = 'supervision') as unmet_orders
from units u left join tallies t using (world, unit)
group by all;

-- What was entered; it lapses with the month where there was no callback (ZZ-P02).
create table said as
select c.world, c.unit,
    coalesce(sum(e.points100) filter (e.code = 'org_rules'), 500) as org_rules100,
    coalesce(sum(e.points100) filter (e.code = 'org_staffing'), 500) as org_staffing100,
    count(*) filter (e.code = 'meeting_absent') as absent,
    count(*) filter (e.code = 'criticism') as criticised
from counts c left join entered_now e on (e.world, e.unit) = (c.world, c.unit) and c.made > 0
group by all;

-- The district's mean is over the connected callbacks of all units; below it 0.05 is off for each whole tenth
-- of a point.
create table figures as
with district as (
    select world, sum(connected) as of_all, sum(result_ok) as results, sum(process_ok) as processes
    from counts group by all
)
select c.*, s.* exclude (world, unit),
    if(c.connected = 0, 0, greatest(
        0, 1000 * (d.results * c.connected - c.result_ok * d.of_all)
    ) // (c.connected * d.of_all)) as result_tenths,
    if(c.connected = 0, 0, greatest(
        0, 1000 * (d.processes * c.connected - c.process_ok * d.of_all)
    ) // (c.connected * d.of_all)) as process_tenths,
    if(c.made = 0, 'not_assessed', 'assessed') as status
from counts c join said s using (world, unit) join district d using (world);

create table items as
with measured as (
    select world, unit, status, 'org_rules' as item, org_rules100 as points_n, 100 as points_d,
        org_rules100 as num_n, 100 as num_d, null::bigint as den, null::varchar[] as orders
    from figures
    union all
    select world, unit, status, 'org_staffing', org_staffing100, 100, org_staffing100, 100, null, null
    from figures
    union all
    select world, unit, status, 'returns', greatest(0, 50 - returns), 5, returns, 1, null, returns_orders
    from figures
    union all
    select world, unit, status, 'noncompliant', greatest(0, 20 - noncompliant), 2, noncompliant, 1, null,
        noncompliant_orders
    from figures
    union all
    select world, unit, status, 'overdue', greatest(0, 40 - overdue), 2, overdue, 1, null, overdue_orders
    from figures
    union all
    select world, unit, status, 'supervision', greatest(0, 20 - unmet - absent), 2, unmet + absent, 1, null,
        unmet_orders
    from figures
    union all
    select world, unit, status, 'result_satisfaction', greatest(0, 400 - result_tenths), 20, result_ok, 1,
        connected, connected_orders
    from figures
    union all
    select world, unit, status, 'process_satisfaction', greatest(0, 400 - process_tenths), 20, process_ok, 1,
        connected, connected_orders
    from figures
)
select * replace (if(status = 'not_assessed', null, points_n) as points_n) from measured;

create table adjusted as
select world, unit, 0 as bonus100, 50 * criticised as deduction100 from figures;

create table scored as
select world, unit, pool, status, status = 'assessed' as has_total, pool as rank_pool, 100 as common
from figures;

create table rates as
select world, unit, 'volume' as rate, null::bigint as num_n, 1 as num_d, null::bigint as den from units
union all select world, unit, 'resolution', resolved, 1, effective from answers;
