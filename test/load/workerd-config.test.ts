import { expect, it } from 'vitest';
import { type WorkerScript, writeWorkerdConfig } from './workerd-config.ts';

const gateway: WorkerScript = {
  ...{ name: 'gateway', module: 'gateway/index.js', compatibilityDate: '2026-10-01', compatibilityFlags: ['a', 'b'] },
  bindings: [
    { name: 'TEXT', text: 'a "quoted" C:\\path\nnext line' },
    { name: 'VAULT', service: 'providers', entrypoint: 'Vault' },
    { name: 'LEDGER', queue: 'queue' },
    { name: 'GATE', className: 'TenantGate', script: 'state' },
  ],
};

it('writes every kind of binding, with what ends a text escaped', () => {
  const config = writeWorkerdConfig({ scripts: [gateway], sockets: { http: { service: 'gateway' } } });
  expect(config).toContain('(name = "TEXT", text = "a \\"quoted\\" C:\\\\path\\nnext line")');
  expect(config).toContain('(name = "VAULT", service = (name = "providers", entrypoint = "Vault"))');
  expect(config).toContain('(name = "LEDGER", queue = "queue")');
  expect(config).toContain(
    '(name = "GATE", durableObjectNamespace = (className = "TenantGate", serviceName = "state"))',
  );
  expect(config).toContain('esModule = embed "gateway/index.js"');
  expect(config).toContain('compatibilityFlags = ["a", "b"]');
});

it('gives storage to scripts with classes, and to no other', () => {
  const state = { ...gateway, name: 'state', classes: ['TenantGate'] };
  const sockets = { http: { service: 'gateway', entrypoint: 'web' }, inner: { service: 'state' } };
  const config = writeWorkerdConfig({ scripts: [gateway, state], sockets, storage: '/memory/objects' });
  expect(config.match(/durableObjectStorage = \(localDisk = "storage"\)/g)).toHaveLength(1);
  expect(config).toContain('(className = "TenantGate", uniqueKey = "state-TenantGate", enableSql = true)');
  expect(config).toContain('disk = (path = "/memory/objects", writable = true)');
  expect(config).toContain(
    '(name = "http", address = "127.0.0.1:0", http = (), service = (name = "gateway", entrypoint = "web"))',
  );
  expect(config).toContain('(name = "inner", address = "127.0.0.1:0", http = (), service = "state")');
});
