-- 报刊与文体活动：系统在 on 这一天显示的领取人，每人每场一行。
-- Recipients of newspapers and events as of the day.
select
    a.recipient_no as 领取编号,
    a.occasion_no as 场次,
    a.form as 形式,
    a.title as 名称,
    a.line_code as 项目,
    a.area_code as 片区,
    a.department_code as 责任部门,
    a.resident_no as 业主编号,
    a.received_at as 领取时间
from activity_recipient as a
where a.visible_from <= :on and a.status = '有效'
order by a.recipient_no, a.id
