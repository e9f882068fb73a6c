-- The seals of the audit log: as full as they get.
insert into audit_seal (number, seq, last_id, hash, marks)
select number, sum(events) over earlier, max(last_id) over earlier, sha256(random()::text::bytea),
       decode(repeat('0000', events::int), 'hex')
from (
    select 1 + place / 256 as number, count(*) as events, max(id) as last_id
    from (select id, row_number() over (order by id) - 1 as place from audit_event) as event
    group by 1
) as seal
window earlier as (order by number);
