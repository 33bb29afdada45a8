drop table former_members, verified_domains, domains;
