-- Provider accounts and secrets that people manage, and what the job that wraps keys anew may do: it reads sealed values
-- and puts others, sealed again by the vault, in their place. It never sees one opened.

alter table provider_accounts
  add credentials_updated_at timestamptz not null default now();
alter table secrets
  add updated_at timestamptz not null default now();

grant update (encrypted_credentials) on provider_accounts to eufm_ledger;
grant select (id, encrypted_client_secret), update (encrypted_client_secret)
  on identity_providers to eufm_ledger;
grant select (id, encrypted_value), update (encrypted_value) on secrets to eufm_ledger;
