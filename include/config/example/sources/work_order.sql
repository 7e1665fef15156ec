-- 工单：系统在 on 这一天显示的样子，每张工单取最新一版；只取完工过的（含返工、作废）。
-- Work orders as of the day, the newest revision of each, once they were completed.
-- 完工早于下单的时间不可信，按缺失交出；原值留在“完工时间原值”，在隔离区可见。
-- A completion before the order is not to be trusted: it is delivered as missing, with the original beside it.
-- 数据量大时：加 and w.visible_from >= since 参数，并在 YAML 里设 lookback_days。
with newest as (
    select
        order_no,
        max(revision) as revision
    from work_order
    where visible_from <= :on
    group by order_no
)

select
    w.order_no as 工单号,
    w.order_type as 工单类型,
    w.line_code as 项目,
    w.area_code as 片区,
    w.department_code as 责任部门,
    w.resident_no as 业主编号,
    w.item as 类别,
    w.content as 内容,
    w.ordered_at as 下单时间,
    case when w.completed_at >= w.ordered_at then w.completed_at end as 完工时间,
    w.completed_at as 完工时间原值,
    w.status as 状态
from work_order as w
inner join newest on w.order_no = newest.order_no and w.revision = newest.revision
where w.status in ('已完工', '返工中', '已作废')
order by w.order_no, w.id
