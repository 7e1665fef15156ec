-- Open a batch.
-- grain    one row
-- params   source text, on date, origin text
-- repeat   each call is a new batch
insert into batch (source, received_on, origin, rows_read, rows_accepted, rows_unchanged, rows_refused, rows_changed)
values (:source, :on, :origin, 0, 0, 0, 0, 0)
returning batch_id
