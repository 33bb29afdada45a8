drop table identity_providers, used_logout_tokens, sessions;

drop policy found_by_subject on identities;
drop policy own_identities on identities;
drop policy own_account on users;

-- People of tenants' own identity providers cannot be told from others without what is dropped here.
delete from user_roles where user_id in (select id from users where home_tenant_id is not null);
delete from users where home_tenant_id is not null;

alter table identities
  drop constraint identities_home_tenant_id_provider_issuer_subject_key,
  add unique (provider, issuer, subject),
  drop home_tenant_id;
drop index users_email_key;
create unique index users_email_key on users (lower(email));
alter table users
  drop home_tenant_id,
  drop email_verified;
