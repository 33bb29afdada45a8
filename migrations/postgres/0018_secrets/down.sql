-- The ledger could already see tenant_id of every table whose rows it erases.
revoke select (id, encrypted_value), update (encrypted_value) on secrets from eufm_ledger;
revoke select (id, encrypted_client_secret), update (encrypted_client_secret) on identity_providers from eufm_ledger;
revoke update (encrypted_credentials) on provider_accounts from eufm_ledger;

alter table secrets drop updated_at;
alter table provider_accounts drop credentials_updated_at;
