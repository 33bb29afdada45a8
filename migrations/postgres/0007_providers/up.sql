-- More providers, and what they bill beside text: audio and searches. Requests that their client left. A tenant's own
-- prices.

alter table provider_accounts
  drop constraint provider_accounts_provider_check,
  add constraint provider_accounts_provider_check
    check (provider in ('openai', 'anthropic', 'google', 'perplexity', 'mistral', 'openai-compatible'));

alter table prices
  drop constraint prices_provider_check,
  add constraint prices_provider_check
    check (provider in ('openai', 'anthropic', 'google', 'perplexity', 'mistral', 'openai-compatible')),
  drop constraint prices_kind_check,
  add constraint prices_kind_check check (kind in (
    'input', 'cached_input', 'cache_write', 'audio_input', 'output', 'audio_output', 'search', 'request'));

alter table requests
  drop constraint requests_status_check,
  add constraint requests_status_check
    check (status in ('queued', 'running', 'completed', 'failed', 'canceled', 'estimated')),
  add audio_input_token_count bigint,
  add audio_output_token_count bigint,
  add search_count bigint;

-- A tenant's rows for a kind replace all of the catalogue's for that model and kind. Whoever writes them raises the
-- tenant's config_version.
create table price_overrides (
  tenant_id uuid not null references tenants,
  provider text not null
    check (provider in ('openai', 'anthropic', 'google', 'perplexity', 'mistral', 'openai-compatible')),
  model text not null,
  kind text not null check (kind in (
    'input', 'cached_input', 'cache_write', 'audio_input', 'output', 'audio_output', 'search', 'request')),
  from_input_tokens integer not null default 0 check (from_input_tokens >= 0),
  pico_usd_per_unit numeric(38, 0) not null check (pico_usd_per_unit >= 0),
  created_at timestamptz not null default now(),
  primary key (tenant_id, provider, model, kind, from_input_tokens)
);
call isolate_tenant_tables('price_overrides');
grant select, insert, update, delete on price_overrides to eufm_app;
grant select on price_overrides to eufm_ledger;
