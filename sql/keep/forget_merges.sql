-- Forget who merged matters and why once the retention of their line has ended; that they are one matter stays.
-- grain    one row per merge
-- params   line text, on date, years int
-- repeat   safe: an emptied merge is left alone
update matter_merge
set
    merged_by = '',
    reason = '',
    undone_by = case when undone_on is not null then '' end,
    undo_reason = case when undone_on is not null then '' end
where
    line = :line
    and (coalesce(undone_on, merged_on) + make_interval(years => :years))::date < :on
    and (merged_by <> '' or reason <> '' or coalesce(undone_by, '') <> '' or coalesce(undo_reason, '') <> '')
