drop table subscriptions, billing_customers, webhook_deliveries, webhooks, alert_events, alerts;
