// The first schema. Portable DDL: `integer` is 64 bits wide, `blob` holds bytes, `without rowid` means clustered by the
// primary key. Every key starts with the account or a scope of it; customer text is only ever found by lookup bytes.
import type { Migration } from '../migrate.ts'

export const start: Migration = {
  version: 1,
  name: 'start',
  sql: `
create table account (
  id text primary key, organization text, unit text,
  change_seq integer not null, version integer not null, created_ms integer not null
) without rowid;

create table scope (
  sid integer primary key, account text not null, region text not null, next_rid integer not null,
  unique (account, region)
);

create table counter (name text primary key, next integer not null) without rowid;

create table sealed_value (name text primary key, content blob not null, key_id integer not null) without rowid;

create table access_key (
  id text primary key, account text not null, principal text not null, secret blob not null,
  status text not null, created_ms integer not null
) without rowid;

create table tkey (
  sid integer not null, kind integer not null, kid integer not null,
  lookup blob not null, content blob not null, key_id integer not null, n integer not null,
  primary key (sid, kind, kid), unique (sid, kind, lookup)
) without rowid;

create table term (
  kid integer not null, tid integer not null,
  lookup blob not null, content blob not null, key_id integer not null, n integer not null,
  primary key (kid, tid), unique (kid, lookup)
) without rowid;

create table posting (id integer primary key, bits blob not null);

create table resource (
  id integer primary key, account text not null, arn_lookup blob not null, generation integer not null,
  state integer not null, version integer not null,
  content blob not null, key_id integer not null,
  first_seen_ms integer not null, last_seen_ms integer not null, gone_ms integer,
  unique (account, arn_lookup, generation)
);

create table resource_group (
  id integer primary key, sid integer not null, name_lookup blob not null, generation integer not null,
  version integer not null, content blob not null, key_id integer not null,
  unique (sid, name_lookup, generation)
);
create index resource_group_by_scope on resource_group (sid, generation, id);

create table stack (
  id integer primary key, sid integer not null, name_lookup blob not null, generation integer not null,
  version integer not null, status text not null, content blob not null, key_id integer not null,
  unique (sid, name_lookup, generation)
);

create table grouping (
  group_id integer not null, resource_id integer not null, action text not null, status text not null,
  updated_ms integer not null, content blob not null, key_id integer not null,
  primary key (group_id, resource_id)
) without rowid;
create index grouping_by_status on grouping (status, group_id, resource_id);

create table task (
  id integer primary key, account text not null, kind text not null, object_id integer not null,
  content blob not null, key_id integer not null,
  unique (account, kind, object_id)
);

create table tag_sync_task (
  id integer primary key, account text not null, sid integer not null, group_id integer not null,
  task_lookup blob not null, status text not null, sweep_after integer, followed_seq integer not null,
  version integer not null, created_ms integer not null, content blob not null, key_id integer not null,
  unique (sid, task_lookup)
);
create index tag_sync_task_by_scope on tag_sync_task (sid, id);
create index tag_sync_task_by_group on tag_sync_task (group_id, id);

create table account_setting (
  sid integer primary key, version integer not null, content blob not null, key_id integer not null
);

create table import_source (
  id integer primary key, account text not null, name_lookup blob not null, content blob not null,
  key_id integer not null, version integer not null,
  unique (account, name_lookup)
);

create table import_assertion (
  resource_id integer not null, source_id integer not null, content blob not null, key_id integer not null,
  primary key (resource_id, source_id)
) without rowid;

create table change (
  account text not null, seq integer not null, time_ms integer not null, kind text not null,
  object_id integer not null, version integer not null, request_id text not null,
  content blob not null, key_id integer not null,
  primary key (account, seq)
) without rowid;

create table call (
  id integer primary key, time_ms integer not null, account text, action text not null, outcome text not null,
  request_id text not null, content blob not null, key_id integer not null
);
`,
}
