import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PERMISSION_DESCRIPTIONS, PERMISSIONS, ROLES } from '../../shared/auth/permissions.ts';
import { PLAN_ROLES } from '../../shared/auth/role-templates.ts';
import { type ProjectFile, projectFiles } from './project-files.ts';

const PAGE = join(import.meta.dirname, '../../docs/access.md');

const ROLE_NAMES = Object.keys(ROLES) as (keyof typeof ROLES)[];

interface Route {
  readonly name: string;
  /** Null: it asks for none. */
  readonly permission: string | null;
  readonly guard: string;
}

/** The routes under /v1/ as their files declare them. */
function routesOf(files: readonly ProjectFile[]): Route[] {
  return files
    .flatMap(({ text }): Route[] => {
      const [, method, path] = /method: '(\w+)',\n {2}path: '(\/v1\/[^']*)'/.exec(text) ?? [];
      const [, guard = 'none', permission = null] = /middleware: (\w+)\((?:'([a-z:]+)')?/.exec(text) ?? [];
      return method && path ? [{ name: `${method.toUpperCase()} ${path}`, permission, guard }] : [];
    })
    .sort((one, other) => (one.name.slice(one.name.indexOf('/')) < other.name.slice(other.name.indexOf('/')) ? -1 : 1));
}

const mark = (isSo: boolean) => (isSo ? 'yes' : '–');

const may = (role: keyof typeof ROLES, permission: string) =>
  ROLES[role].permissions.some((granted) => granted === permission);

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** The page's tables, by the heading that each stands under. */
function tables(routes: readonly Route[]): Record<string, string> {
  const open = routes.filter(({ permission }) => permission === null);
  return {
    'What each role permits': tableOf(
      ['permission', 'what it is for', ...ROLE_NAMES],
      PERMISSIONS.map((name) => [
        `\`${name}\``,
        PERMISSION_DESCRIPTIONS[name],
        ...ROLE_NAMES.map((role) => mark(may(role, name))),
      ]),
    ),
    'Which roles a plan offers': tableOf(
      ['plan', ...ROLE_NAMES],
      Object.entries(PLAN_ROLES).map(([plan, roles]) => [
        `\`${plan}\``,
        ...ROLE_NAMES.map((role) => mark(roles.includes(role))),
      ]),
    ),
    'Who may call what': tableOf(
      ['route', 'permission', ...ROLE_NAMES],
      routes.flatMap(({ name, permission }) =>
        permission === null
          ? []
          : [[`\`${name}\``, `\`${permission}\``, ...ROLE_NAMES.map((role) => mark(may(role, permission)))]],
      ),
    ),
    'Routes without a permission': tableOf(
      ['route', 'guard'],
      open.map(({ name, guard }) => [`\`${name}\``, `\`${guard}\``]),
    ),
  };
}

/** The table under a heading of the page. */
function tableUnder(page: string, heading: string): string {
  const lines = (page.split(`\n## ${heading}\n`)[1] ?? '').split('\n');
  const start = lines.findIndex((line) => line.startsWith('|'));
  const length = lines.slice(start).findIndex((line) => !line.startsWith('|'));
  return lines.slice(start, start + length).join('\n');
}

describe('A6: docs/access.md', () => {
  const routes = routesOf(projectFiles().filter(({ path }) => /^workers\/gateway\/routes\/.*\.ts$/.test(path)));
  const expected = tables(routes);
  // The page is written by `UPDATE_PAGES=1 npx vitest run --project guards access-page`.
  if (process.env.UPDATE_PAGES) {
    let page = readFileSync(PAGE, 'utf8');
    for (const [heading, table] of Object.entries(expected)) {
      const [before = '', after = ''] = page.split(`\n## ${heading}\n`);
      page = `${before}\n## ${heading}\n${after.replace(tableUnder(page, heading), () => table)}`;
    }
    writeFileSync(PAGE, page);
  }
  const page = readFileSync(PAGE, 'utf8');

  it.each(Object.entries(expected))('tells the truth: %s', (heading, table) => {
    expect(tableUnder(page, heading)).toBe(table);
  });

  it('control: a cell that is turned around is noticed', () => {
    const heading = 'What each role permits';
    const turned = page.replace(/(\| `billing:write` \|[^|]*\| )yes( \| )–/, '$1yes$2yes');
    expect(turned).not.toBe(page);
    expect(tableUnder(turned, heading)).not.toBe(expected[heading]);
  });

  it('control: a route that changes its permission, and a new one, are noticed', () => {
    const file = {
      path: 'a.ts',
      text: "  method: 'get',\n  path: '/v1/news',\n  middleware: tenantRoute('audit:read'),\n",
    };
    const [route] = routesOf([file]);
    expect(route).toEqual({ name: 'GET /v1/news', permission: 'audit:read', guard: 'tenantRoute' });
    expect(page).not.toContain('GET /v1/news');
    expect(tables([...routes, ...routesOf([file])])['Who may call what']).toContain('GET /v1/news');
  });
});
