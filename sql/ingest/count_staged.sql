-- Count the rows that arrived, and those with a reason against them.
-- grain    one row
-- params   none
-- repeat   read only
select
    (select count(*) from arrived) as read,
    (select count(*) from staged where reasons is not null) as refused
