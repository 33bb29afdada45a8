import { mkdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import chromiumFromNpm from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';

/** A headless Chromium from a package, or the one that CHROMIUM_PATH names where the package has none (it is Linux only). */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM_PATH ?? (await unpackChromium());
  return await chromium.launch({ executablePath, args: chromiumFromNpm.args });
}

/** The package unpacks into the folder for temporary files; one of the user's own, since others cannot run theirs. */
async function unpackChromium(): Promise<string> {
  const folder = join(tmpdir(), `eufm-chromium-${userInfo().username}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  process.env.TMPDIR = folder;
  return await chromiumFromNpm.executablePath();
}
