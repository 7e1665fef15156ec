-- Keep what a reviewer said; the first answer stands.
-- grain    one row per review
-- params   review_id bigint, on date, reviewer text, opinion text, accurate boolean, sha256 text
-- repeat   safe: an answered review is left alone
update review
set reviewed_on = :on, reviewer = :reviewer, opinion = :opinion, accurate = :accurate, returned_sha256 = :sha256
where review_id = :review_id and reviewed_on is null
