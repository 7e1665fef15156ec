-- 投诉：系统在 on 这一天显示的样子，每件投诉取最新一版；只取办结过的。
-- Complaints as of the day, the newest revision of each, once they were closed.
with newest as (
    select
        complaint_no,
        max(revision) as revision
    from complaint
    where visible_from <= :on
    group by complaint_no
)

select
    c.complaint_no as 投诉编号,
    c.line_code as 项目,
    c.area_code as 片区,
    c.department_code as 被投诉部门,
    c.resident_no as 业主编号,
    c.severity as 级别,
    c.item as 投诉事项,
    c.content as 投诉内容,
    c.reported_at as 投诉时间,
    c.closed_at as 办结时间,
    c.status as 状态
from complaint as c
inner join newest on c.complaint_no = newest.complaint_no and c.revision = newest.revision
order by c.complaint_no, c.id
