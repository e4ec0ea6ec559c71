-- Competition rank on exact totals: one more than those strictly better.
create table ranks as
with ranking as (select s.world, s.unit, s.rank_pool, t.total_n::hugeint as n, t.total_d::hugeint as d
    from scored s join totals t using (world, unit) where s.rank_pool is not null)
select r.world, r.unit, 1 + count(b.unit) as rank
from ranking r left join ranking b
    on b.world = r.world and b.rank_pool = r.rank_pool and b.n * r.d > r.n * b.d
group by all;

-- ZZ-S11.
create table grades as
select world, unit,
    case when total_n >= 85 * total_d then 'excellent' when total_n >= 75 * total_d then 'good'
        when total_n >= 60 * total_d then 'pass' else 'fail' end as grade
from totals, policy p where p.name = 'ZZ';

insert into rates
select world, unit, 'callback', coalesce(c.made, 0), 1, coalesce(c.due, 0)
from units u left join coverage c using (world, unit);

insert into rates
select world, unit,
    unnest(['outcome.resolved', 'outcome.explained', 'outcome.recorded', 'outcome.unresolved']),
    unnest([resolved, explained, recorded, unresolved]), 1, effective
from answers;

insert into rates
select world, unit,
    unnest(['satisfaction.satisfied', 'satisfaction.basically_satisfied', 'satisfaction.neutral',
        'satisfaction.dissatisfied']),
    unnest([satisfied, basically_satisfied, neutral, dissatisfied]), 1, asked
from answers;
