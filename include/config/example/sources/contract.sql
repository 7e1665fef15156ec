-- 特约服务合同：系统在 on 这一天显示的样子，每份合同取最新一版。
-- Contracts as of the day, the newest revision of each.
with newest as (
    select
        contract_no,
        max(revision) as revision
    from contract
    where visible_from <= :on
    group by contract_no
)

select
    c.contract_no as 合同编号,
    c.line_code as 项目,
    c.area_code as 片区,
    c.department_code as 责任部门,
    c.resident_no as 业主编号,
    c.service as 服务项目,
    c.signed_on as 签订日期,
    c.starts_on as 起始日,
    c.ends_on as 终止日,
    c.status as 状态
from contract as c
inner join newest on c.contract_no = newest.contract_no and c.revision = newest.revision
order by c.contract_no, c.id
