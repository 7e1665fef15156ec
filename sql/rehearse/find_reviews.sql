-- Find the reviews that were handed to somebody before a day and wait for an answer.
-- grain    one row per review
-- params   on date
-- repeat   read only
select
    w.review_id,
    w.purpose,
    w.due_on,
    p.unsatisfactory,
    l.file_name,
    l.issued_on
from review as w
inner join record as p on w.record_id = p.record_id
inner join list as l on w.list_id = l.list_id
where w.reviewed_on is null and l.issued_on < :on
order by w.review_id
