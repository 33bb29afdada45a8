drop table price_overrides;

-- What the older schema cannot hold goes: also from tables whose forced row-level security hides it from their owner.
alter table provider_accounts no force row level security;
delete from provider_accounts where provider in ('mistral', 'openai-compatible');
alter table provider_accounts
  force row level security,
  drop constraint provider_accounts_provider_check,
  add constraint provider_accounts_provider_check check (provider in ('openai', 'anthropic', 'google', 'perplexity'));

-- A version is whole or not there: seeding would not complete one that exists.
delete from prices where price_version_id in (
  select price_version_id from prices
  where provider in ('mistral', 'openai-compatible') or kind in ('audio_input', 'audio_output', 'search'));
delete from price_versions where id not in (select price_version_id from prices);
alter table prices
  drop constraint prices_provider_check,
  add constraint prices_provider_check check (provider in ('openai', 'anthropic', 'google', 'perplexity')),
  drop constraint prices_kind_check,
  add constraint prices_kind_check check (kind in ('input', 'cached_input', 'cache_write', 'output', 'request'));

alter table requests no force row level security;
update requests set status = 'failed' where status = 'canceled';
alter table requests
  force row level security,
  drop constraint requests_status_check,
  add constraint requests_status_check check (status in ('queued', 'running', 'completed', 'failed', 'estimated')),
  drop audio_input_token_count,
  drop audio_output_token_count,
  drop search_count;
