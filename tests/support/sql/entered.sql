-- No weights, no composite: a total is what was entered.
create table totals as
select s.world, s.unit, 100 as total_d, sum(e.points100) as total_n
from scored s join entered_now e using (world, unit)
where s.has_total and e.code = 'entered_score'
group by all;
