-- A total is the sum of the items, with bonus and deduction, and never below 0 (floor.total).
create table totals as
select s.world, s.unit, s.common * 100 as total_d,
    greatest(0, sum(case when s.common % i.points_d = 0 then i.points_n * (s.common // i.points_d) * 100 end)
        + (any_value(a.bonus100) - any_value(a.deduction100)) * s.common) as total_n
from scored s join items i using (world, unit) join adjusted a using (world, unit)
where s.has_total
group by s.world, s.unit, s.common
having count(*) = count(i.points_n);
