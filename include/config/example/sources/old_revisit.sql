-- 启用前的回访台账：到 on 这一天已补录的记录。
-- The old book of revisits, as far as it was typed in by the day.
select
    o.record_no as 记录编号,
    o.of_table as 业务表,
    o.of_number as 业务单号,
    o.clause as 条款,
    o.visited_on as 回访日期,
    o.result as 结果,
    o.channel as 方式,
    o.visitor as 回访人,
    o.satisfaction as 满意度,
    o.suggestions as 建议
from old_revisit as o
where o.visible_from <= :on
order by o.record_no, o.id
