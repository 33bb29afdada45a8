drop table secrets, api_keys, identities, users, user_roles, role_permissions, roles, permissions;
drop function delete_role_assignments;
