drop table audit_log_destinations;
