import { mkdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import chromiumFromNpm from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';

/** With these of the package's flags a browser would keep no site apart from another, as those of people do. */
const LAX_FLAGS = [
  '--allow-running-insecure-content',
  '--disable-site-isolation-trials',
  '--disable-web-security',
  '--single-process',
];

/** A headless Chromium from a package, or the one that CHROMIUM_PATH names where the package has none (it is Linux only). */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM_PATH ?? (await unpackChromium());
  return await chromium.launch({
    executablePath,
    args: chromiumFromNpm.args.filter((flag) => !LAX_FLAGS.includes(flag)),
  });
}

/** The package unpacks into the folder for temporary files; one of the user's own, since others cannot run theirs. */
async function unpackChromium(): Promise<string> {
  const folder = join(tmpdir(), `eufm-chromium-${userInfo().username}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  process.env.TMPDIR = folder;
  return await chromiumFromNpm.executablePath();
}
