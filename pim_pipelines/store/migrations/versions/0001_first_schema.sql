-- The whole schema. Reasons for the keys:
-- products.id bigint        the second API needs integers, variants a stable parent; ids ascend, so this index is append-only
-- products.gtin bigint      leading zeros never change a check digit: GTIN-8, -12, -13, -14 fall together; ean is what is shown
-- gtin_scope                0 for a global GTIN, the supplier's id for a restricted one (GS1 General Specifications 2.1.11)
-- supplier_products         an SKU, its cost and stock are the supplier's; supplier 0: none, or the second API
-- row_hash                  "unchanged" = same hash; whoever else changes the product nulls it in the same transaction
-- product_changes           one row per change set and product: undo and history read one partition
-- products not partitioned  unique keys would have to carry the partition key

create table tenants (
  id int generated always as identity primary key,
  code text unique not null,
  language text not null default 'en',
  last_voog_id int not null default 0,  -- the second API numbers its tasks by tenant
  created_at timestamptz not null default now()
);

create table api_keys (
  id int generated always as identity primary key,
  tenant_id int not null references tenants,
  key_hash bytea unique not null,  -- SHA-256; the key itself is shown once and never stored
  prefix text not null,            -- the first characters, so that a person can tell keys apart
  scopes text[] not null,
  created_at timestamptz not null default now(),
  revoked_at timestamptz
);

create table suppliers (
  id int generated always as identity primary key,
  uuid uuid unique not null default uuidv7(),
  tenant_id int not null references tenants,
  code text not null,
  name text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (tenant_id, code)
);

create table mapping_templates (
  id bigint generated always as identity primary key,
  uuid uuid unique not null default uuidv7(),
  tenant_id int not null references tenants,
  supplier_id int references suppliers,
  name text not null,
  column_mapping json not null,
  validation_rules jsonb not null default '{}',
  import_options jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index on mapping_templates (tenant_id, created_at desc, id desc);

create table import_configs (
  id bigint generated always as identity primary key,
  uuid uuid unique not null default uuidv7(),
  tenant_id int not null references tenants,
  supplier_id int references suppliers,
  template_id bigint references mapping_templates on delete set null,
  name text not null,
  schedule text not null,
  timezone text not null default 'UTC',
  source jsonb not null,           -- without its secrets
  source_secret bytea,             -- those, encrypted with PIM_SECRET_KEY
  column_mapping json,             -- json, not jsonb: in the order it was sent
  validation_rules jsonb not null default '{}',
  import_options jsonb not null default '{}',
  is_active boolean not null default true,
  next_run_at timestamptz,
  last_checked_at timestamptz,
  last_result text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index on import_configs (next_run_at) where is_active;
create index on import_configs (tenant_id, created_at desc, id desc);
create index on import_configs (last_checked_at nulls first) where is_active and (source ->> 'on_new_file')::boolean;

create table looks (               -- each look of a config for new files: one a due time, whatever happens
  id bigint generated always as identity primary key,
  uuid uuid unique not null default uuidv7(),
  config_id bigint not null references import_configs on delete cascade,
  due_at timestamptz not null,
  cause text not null check (cause in ('schedule', 'new_file', 'request', 'follow_up')),
  follow_ups int not null default 0,  -- how many looks before it were made for the same growing file
  state text not null default 'waiting' check (state in ('waiting', 'running', 'done', 'failed')),
  run_id uuid,
  result text,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  unique (config_id, due_at)
);
create index on looks (due_at) where state in ('waiting', 'running');
create index on looks (finished_at);

create table import_jobs (
  id bigint generated always as identity primary key,
  uuid uuid unique not null,
  tenant_id int not null references tenants,
  supplier_id int references suppliers,
  voog_id int,
  import_type text not null,
  status text not null check (status in
    ('pending', 'analyzing', 'awaiting_mapping', 'ready', 'processing', 'completed', 'failed', 'cancelled')),
  attempt int not null default 1,
  run_id uuid,                     -- the Dagster run that may write for this job now
  parent_run_id uuid,              -- the run that analysed it, when another one loads it
  go_through boolean not null default false,  -- this attempt goes on to processing without a start
  auto_process boolean not null default false,
  config_id bigint references import_configs on delete set null,
  due_at timestamptz,
  batch_id uuid,
  template_id bigint references mapping_templates on delete set null,
  source jsonb,                    -- where a fetched file comes from, without secrets
  source_secret bytea,
  file_name text,
  file_type text,
  file_size bigint,
  file_sha256 bytea,
  analysis json,                   -- json, not jsonb: the columns stay in the order of the file
  suggested_mapping json,
  column_mapping json,
  validation_rules jsonb not null default '{}',
  import_options jsonb not null default '{}',
  total_rows bigint,
  successful_rows bigint not null default 0,
  failed_rows bigint not null default 0,
  products_created bigint not null default 0,
  products_updated bigint not null default 0,
  products_skipped bigint not null default 0,
  rows_staged bigint,
  error_count bigint not null default 0,  -- errors and warnings, also those over the million that is kept
  last_error text,
  guard_breached jsonb,
  forced boolean not null default false,
  is_archived boolean not null default false,
  started_at timestamptz,
  completed_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  queued_at timestamptz,           -- of the second API's tasks: when it was asked to go on,
  claimed_at timestamptz,          -- and when a run began to load it
  imported_products bigint,        -- products, each with its variants once; null before the end
  failure_reason text,
  failure_details jsonb,           -- {key, message, line}
  unique (config_id, due_at),
  unique (tenant_id, voog_id)
);
create index on import_jobs (tenant_id, created_at desc, id desc);
create index on import_jobs (updated_at) where status in ('pending', 'analyzing', 'processing');

create table import_previews (     -- the latest dry run of a job
  import_id bigint primary key references import_jobs on delete cascade,
  run_id uuid,
  state text not null default 'running' check (state in ('running', 'done', 'failed')),
  result jsonb,
  message text,
  created_at timestamptz not null default now(),
  finished_at timestamptz
);

create table import_files (        -- what clients of the second API send, to be imported within a day
  id bigint generated always as identity primary key,
  tenant_id int not null references tenants,
  filename text not null,
  content_type text not null,
  size bigint not null,            -- as declared; what is sent must be as long
  secret bytea not null,           -- what the addresses to send to and to read from are signed with
  status text not null default 'pending' check (status in ('pending', 'success')),
  file_key text,                   -- in the file store; null until something was sent
  sha256 bytea,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index on import_files (expires_at);

create table import_chunks (
  import_id bigint not null references import_jobs on delete cascade,
  attempt int not null,
  chunk_no int not null,
  created int not null,
  updated int not null,
  skipped int not null,
  failed int not null,
  primary key (import_id, attempt, chunk_no)
);

create table import_errors (
  import_id bigint not null references import_jobs on delete cascade,
  row_number int not null,
  n smallint not null,             -- a row may have several
  severity "char" not null,        -- e: error, w: warning
  error_type text not null,
  field text,
  message text not null,
  raw_value text,
  created_at timestamptz not null default now(),
  primary key (import_id, row_number, n)
);

create table idempotency_keys (
  tenant_id int not null references tenants,
  key text not null,
  fingerprint bytea not null,      -- SHA-256 of the endpoint, the fields and the file
  import_id bigint references import_jobs on delete cascade,
  answer jsonb,                    -- null while the first request is at work
  created_at timestamptz not null default now(),
  primary key (tenant_id, key)
);

create table products (
  id bigint generated by default as identity primary key,
  tenant_id int not null,
  gtin bigint,
  gtin_scope int not null default 0,
  ean text,
  sku text,
  parent_id bigint,
  position int,
  variant_attributes jsonb,
  slug text collate "C",           -- so that base-… is a range of its index
  title text,
  description text,
  og_description text,
  short_description text,
  brand_name text,
  category text,
  price numeric,
  cost_price numeric,
  sale_price numeric,
  currency text,
  tax_rate numeric,
  stock bigint,
  reserved_quantity bigint,
  weight numeric,
  weight_unit text,
  length numeric,
  width numeric,
  height numeric,
  dimension_unit text,
  image_url text,
  image_urls jsonb,
  url text,
  color text,
  size text,
  material text,
  gender text,
  country_of_origin text,
  manufacturer text,
  mpn text,
  condition text,
  availability text,
  is_active boolean not null default true,
  status text,                     -- draft or live, the second API's
  supplier_sku text,
  attributes jsonb,
  version int not null default 1,
  created_import_id bigint,
  created_row int,                 -- the file's row that made it, where a task of the second API did
  last_import_id bigint,
  deactivated_import_id bigint,    -- made inactive because its last supplier's file no longer had it
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
) with (fillfactor = 90);
create unique index products_gtin_key on products (tenant_id, gtin, gtin_scope) where gtin is not null;
create index products_without_gtin on products (tenant_id, id) where gtin is null;
-- Pages and counts, in both APIs; append-only, as times ascend. The second counts what is no variant without reading rows.
create index products_newest on products (tenant_id, created_at, id) include (parent_id);
create index products_deactivated on products (tenant_id) where deactivated_import_id is not null;
create index products_parent on products (parent_id) where parent_id is not null;
create unique index products_slug_key on products (tenant_id, slug) where slug is not null;

create table supplier_products (
  tenant_id int not null,
  supplier_id int not null,
  product_id bigint not null,
  offer_no int not null default 0,  -- a supplier may give one EAN to thousands of its SKUs
  sku text,
  cost_price numeric,
  stock bigint,
  row_hash bigint,
  hash_version int,
  is_listed boolean not null default true,
  primary key (product_id, supplier_id, offer_no)
) with (fillfactor = 90);
create index supplier_products_sku on supplier_products (tenant_id, supplier_id, sku) include (product_id);

create table product_texts (
  product_id bigint not null,
  language text not null,
  title text,
  description text,
  og_description text,
  variant_attributes jsonb,
  primary key (product_id, language)
);

create table categories (
  id bigint generated always as identity primary key,
  tenant_id int not null,
  name text not null,
  slug text,
  unique (tenant_id, name)
);

create table category_texts (      -- names in other languages than the tenant's
  category_id bigint not null references categories on delete cascade,
  language text not null,
  name text not null,
  primary key (category_id, language)
);

create table product_categories (
  product_id bigint not null,
  category_id bigint not null,
  primary key (product_id, category_id)
);

create table product_changes (
  tenant_id int not null,
  change_set bigint not null,      -- the import job's id; below zero: made by hand
  product_id bigint not null,
  row_number int,
  changed_at timestamptz not null default now(),
  changes jsonb not null,          -- {"price": [old, new]}
  version_after int not null,
  primary key (change_set, product_id)
) partition by range (change_set);
create index on product_changes (product_id, change_set desc);
create table product_changes_rest partition of product_changes default;
create sequence manual_change_sets increment by -1;  -- of changes that no import made: below zero

create table pending_eans (
  id bigint generated always as identity primary key,
  uuid uuid unique not null default uuidv7(),
  tenant_id int not null,
  supplier_id int,
  gtin bigint not null,
  gtin_scope int not null default 0,
  ean text not null,
  description text,
  state text not null default 'open' check (state in ('open', 'ignored', 'resolved')),
  product_id bigint,
  first_import_id bigint,
  last_import_id bigint,
  first_seen_at timestamptz not null default now(),
  unique nulls not distinct (tenant_id, supplier_id, gtin, gtin_scope)
);
create index on pending_eans (tenant_id, first_seen_at desc, id desc) where state = 'open';

create table remote_files (        -- the ledger of files that configs have seen
  config_id bigint not null references import_configs on delete cascade,
  path text not null,
  size bigint,                     -- as it was seen last
  modified_at timestamptz,
  seen_at timestamptz not null default now(),  -- since when it has this size and time
  taken_size bigint,               -- as it was when it was imported
  taken_modified_at timestamptz,
  sha256 bytea,
  taken_at timestamptz,
  import_id bigint references import_jobs on delete set null,
  primary key (config_id, path)
);

create table webhooks (
  id bigint generated always as identity primary key,
  uuid uuid unique not null default uuidv7(),
  tenant_id int not null references tenants,
  name text not null,
  url text not null,
  events text[] not null,
  secret bytea,                    -- encrypted
  headers bytea,                   -- encrypted: they may carry credentials
  header_names text[] not null default '{}',
  max_retries int not null default 3,
  timeout_seconds int not null default 10,
  is_active boolean not null default true,
  busy_until timestamptz,          -- a lease: until then one deliverer has it
  failing_since timestamptz,       -- null: the last try was good
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index on webhooks (tenant_id);

create table outbox (              -- events, written in the transaction of what happened
  id bigint generated always as identity primary key,
  uuid uuid unique not null default uuidv7(),
  tenant_id int not null references tenants,
  event text not null,
  data jsonb not null,             -- of product events the ids alone, 500 at most
  created_at timestamptz not null default now()
);

create table webhook_deliveries (  -- with the event, one for each webhook that wants it
  id bigint generated always as identity primary key,
  uuid uuid unique not null default uuidv7(),
  webhook_id bigint not null references webhooks on delete cascade,
  outbox_id bigint not null references outbox on delete cascade,
  redelivery_of bigint references webhook_deliveries on delete set null,
  state text not null default 'waiting' check (state in ('waiting', 'delivered', 'failed')),
  tries int not null default 0,
  next_try_at timestamptz default now(),
  tried_at timestamptz,
  response_status int,
  response_excerpt text,
  duration_ms int,
  error text,
  delivered_at timestamptz,
  created_at timestamptz not null default now()
);
create index on webhook_deliveries (webhook_id, next_try_at, id) where state = 'waiting';
create index on webhook_deliveries (webhook_id, id desc);
create index on webhook_deliveries (outbox_id);
create index on webhook_deliveries (redelivery_of) where redelivery_of is not null;

-- Staging. LOGGED: an UNLOGGED table is empty after one killed backend, without any error.
-- A staging belongs to a Dagster run, so that a dry run and a load of one job never share it.
create sequence staging_ids;
create table stagings (
  id bigint primary key default nextval('staging_ids'),
  import_id bigint not null references import_jobs on delete cascade,
  run_id uuid unique not null,
  own_tables boolean not null,     -- large jobs: stage_keys_<id> and plan_<id>
  may_collide boolean not null,    -- several of its rows may mean one product
  total_rows bigint not null,      -- rows of the file
  rows_staged bigint not null,     -- those without an error
  created_at timestamptz not null default now()
);

create table stage_keys (          -- of all small jobs; a large job has a copy of its own
  staging_id bigint not null,
  row_number int not null,
  gtin bigint,
  gtin_scope int not null,
  sku text,
  row_hash bigint not null,
  has_title boolean not null
);
create index on stage_keys (staging_id);

create table stage_voog_rows (     -- what each task of the second API has a copy of: all its rows, failed ones too
  row_number int not null,
  id bigint,                       -- what the row calls itself
  parent_id bigint,
  says_variant boolean not null,
  failed boolean not null,         -- its own values are bad; others may hang on it
  sku text,
  title text,
  slug text,                       -- as given
  slug_base text,                  -- made from the name
  description text,
  og_description text,
  price numeric,
  sale_price numeric,
  length numeric,
  width numeric,
  height numeric,
  weight numeric,
  stock bigint,
  reserved_quantity bigint,
  status text,
  variant_attributes jsonb,        -- [[key, value], …]
  categories jsonb                 -- [name, …]
);

create table stage_voog_errors (   -- likewise: what checking found in those rows
  row_number int not null,
  severity text not null,          -- error, warning
  error_type text not null,
  field text,
  message text not null,
  raw_value text
);

create table voog_plan (           -- likewise: what each of its rows means, see store/voog_plan.py
  row_number int not null,
  chunk int not null,              -- which transaction loads it
  is_variant boolean not null,
  parent_row int,                  -- its place in its family: store/voog_families.py
  parent_product bigint,
  orphan text,
  action "char" not null,          -- c: create, u: update, m: merged into the first row of its product, f: failed
  counts_as "char" not null,       -- c: created, u: updated, f: failed
  writer int,                      -- the first row of its product
  siblings int,                    -- how many rows that product has
  product_id bigint,
  parent_id bigint,
  position int,                    -- of a new variant
  slug text,                       -- null keeps
  problem text                     -- why it failed: store/voog_findings.py
);

create table stage_spared (        -- what failed rows may mean: not to be taken for missing (deactivate_missing)
  staging_id bigint not null,
  low_gtin bigint,                 -- an unreadable EAN may be any of a range
  high_gtin bigint,
  sku text
);
create index on stage_spared (staging_id);

create table plan (                -- of all small jobs; a large job has a copy of its own
  staging_id bigint not null,
  row_number int not null,
  action "char" not null,          -- store/plan.py says what the letters mean
  counts_as "char" not null,       -- c: created, u: updated, s: skipped, f: failed
  writes_product boolean not null, -- else only its offer
  product_id bigint,
  offer_no int,                    -- null: the row makes no offer of its own
  adopts boolean not null,         -- gives its EAN to a product that had none
  gtin bigint,                     -- the product's, also where the row names it by SKU
  gtin_scope int not null,
  part int not null,               -- part and bucket: which transaction loads it
  bucket smallint not null
);
create index on plan (staging_id);
