-- 求助与急救：系统在 on 这一天显示的样子，每条记录取最新一版。
-- Calls for help as of the day, the newest revision of each.
with newest as (
    select
        help_no,
        max(revision) as revision
    from help_record
    where visible_from <= :on
    group by help_no
)

select
    h.help_no as 求助编号,
    h.category as 类别,
    h.line_code as 项目,
    h.area_code as 片区,
    h.department_code as 责任部门,
    h.resident_no as 业主编号,
    h.item as 事由,
    h.content as 经过,
    h.called_at as 求助时间,
    h.ended_at as 结束时间,
    h.status as 状态
from help_record as h
inner join newest on h.help_no = newest.help_no and h.revision = newest.revision
order by h.help_no, h.id
