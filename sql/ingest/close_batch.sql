-- Close a batch with its counts; the table refuses counts that do not add up.
-- grain    one row
-- params   batch_id bigint, read bigint, accepted bigint, unchanged bigint, refused bigint, changed bigint
-- repeat   safe
update batch
set
    rows_read = :read,
    rows_accepted = :accepted,
    rows_unchanged = :unchanged,
    rows_refused = :refused,
    rows_changed = :changed
where batch_id = :batch_id
