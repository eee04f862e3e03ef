-- Statements of an outage are looked for every few minutes in a log of millions of entries; there are a handful of them.
create index audit_entry_outage on audit_entry (id) where action = 'seal_outage';
