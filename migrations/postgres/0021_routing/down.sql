alter table requests drop routing;
drop table routing_policy_versions;
alter table routing_policies
  drop draft,
  drop latest_version,
  drop previous_version,
  drop published_version,
  drop is_default;
