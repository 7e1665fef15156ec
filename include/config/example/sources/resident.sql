-- 业主名册：系统在 on 这一天显示的样子，每位业主取最新一版。
-- The register as the organisation's system showed it on the day: the newest revision of each resident.
with newest as (
    select
        resident_no,
        max(revision) as revision
    from resident
    where visible_from <= :on
    group by resident_no
)

select
    r.resident_no as 业主编号,
    r.name as 姓名,
    r.phone as 电话,
    r.address as 住址,
    r.do_not_contact as 勿扰
from resident as r
inner join newest on r.resident_no = newest.resident_no and r.revision = newest.revision
order by r.resident_no, r.id
