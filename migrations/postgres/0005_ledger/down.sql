drop table dead_letters, audit_logs, usage_aggregates, request_events, requests;
