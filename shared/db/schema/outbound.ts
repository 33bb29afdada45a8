import { boolean, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { DELIVERY_STATUSES } from '../../contracts/webhooks.ts';
import { createdAt, id, json, tenantId, time } from './columns.ts';

/** A condition to watch, and where to tell of it. */
export const alerts = pgTable(
  'alerts',
  {
    id: id(),
    tenantId: tenantId(),
    name: text().notNull(),
    condition: json().notNull(),
    channel: text({ enum: ['email', 'slack', 'webhook'] }).notNull(),
    enabled: boolean().notNull().default(true),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] })],
);

/** One firing of an alert. */
export const alertEvents = pgTable(
  'alert_events',
  {
    id: id(),
    tenantId: tenantId(),
    alertId: uuid().notNull(),
    triggeredAt: time().notNull(),
    status: text().notNull(),
    payload: json().notNull().default({}),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] })],
);

/** `secret` is sealed. */
export const webhooks = pgTable(
  'webhooks',
  {
    id: id(),
    tenantId: tenantId(),
    url: text().notNull(),
    secret: text().notNull(),
    events: text().array().notNull().default([]),
    enabled: boolean().notNull().default(true),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] })],
);

/**
 * One event on its way to one webhook, or one end of a task on its way to the task's callback: then `webhookId` is null, and
 * `url`, its origin `endpoint` and the `body` are the delivery's own.
 */
export const webhookDeliveries = pgTable(
  'webhook_deliveries',
  {
    id: id(),
    tenantId: tenantId(),
    webhookId: uuid(),
    eventType: text().notNull(),
    status: text({ enum: DELIVERY_STATUSES }).notNull().default('pending'),
    attempt: integer().notNull().default(0),
    responseCode: integer(),
    errorMessage: text(),
    sentAt: time(),
    createdAt: createdAt(),
    taskId: uuid(),
    endedAt: time(),
    url: text(),
    endpoint: text(),
    body: text(),
    nextTryAt: time().notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] })],
);

/** What a tenant's deliveries are signed with, sealed. The one that never expires is in force. */
export const webhookSigningSecrets = pgTable(
  'webhook_signing_secrets',
  {
    id: id(),
    tenantId: tenantId(),
    encryptedSecret: text().notNull(),
    expiresAt: time(),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] })],
);

/** The tenant as its payment provider knows it. */
export const billingCustomers = pgTable(
  'billing_customers',
  {
    id: id(),
    tenantId: tenantId(),
    provider: text({ enum: ['stripe'] })
      .notNull()
      .default('stripe'),
    externalCustomerId: text().notNull(),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] })],
);

/** What a tenant pays for; `usageQuota` overrides its plan's limits. */
export const subscriptions = pgTable(
  'subscriptions',
  {
    id: id(),
    tenantId: tenantId(),
    plan: text().notNull(),
    status: text({ enum: ['active', 'past_due', 'canceled'] }).notNull(),
    currentPeriodEnd: time().notNull(),
    usageQuota: json().notNull().default({}),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] })],
);
