import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { launchBrowser } from '../harness/browser.ts';
import { dataFolder, startProduct } from '../harness/product.ts';

/** Scrolls half a view down, and tells once that is drawn if it was at the end already. */
const SCROLL = `new Promise((scrolled) => {
  const before = scrollY;
  scrollBy(0, innerHeight / 2);
  requestAnimationFrame(() => requestAnimationFrame(() => scrolled(scrollY === before)));
})`;

/** The path of every operation: the page draws what is in view, so it is scrolled from its top to its end. */
async function pathsOf(page: Page): Promise<string[]> {
  const paths = new Map<string, string>();
  for (let isEnd = false; !isEnd; ) {
    const drawn = await page.locator('.opblock').evaluateAll((blocks) =>
      blocks.map(({ id, ownerDocument }): [string, string] => {
        const path = ownerDocument.getElementById(id)?.querySelector('.opblock-summary-path');
        return [id, path?.textContent ?? ''];
      }),
    );
    for (const [id, path] of drawn) paths.set(id, path);
    isEnd = await page.evaluate<boolean>(SCROLL);
  }
  return [...paths.values()];
}

it('the reference page shows every operation, and loads nothing from outside', async () => {
  using folder = dataFolder();
  await using product = await startProduct(folder.path);
  const { baseUrl } = product.dev;
  const description = (await (await fetch(`${baseUrl}/openapi.json`)).json()) as { paths: Record<string, object> };
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    const requested: string[] = [];
    const complaints: string[] = [];
    page.on('request', (request) => requested.push(request.url()));
    page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`${baseUrl}/docs`);
    await page.waitForSelector('.opblock');
    const shown = await pathsOf(page);
    const operations = Object.entries<object>(description.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map(() => path),
    );
    expect(shown.map((text) => text.replaceAll('\u200b', '')).sort()).toEqual(operations.sort());
    expect(requested.filter((url) => !url.startsWith(`${baseUrl}/`) && !url.startsWith('data:'))).toEqual([]);
    expect(complaints).toEqual([]);

    await page.evaluate(() => fetch('https://outside.example/').catch(() => undefined));
    expect(complaints.join()).toContain('Content Security Policy');
  } finally {
    await browser.close();
  }
});
