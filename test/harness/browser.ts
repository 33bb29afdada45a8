import chromiumFromNpm from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';

/** A headless Chromium from a package, or the one that CHROMIUM_PATH names where the package has none (it is Linux only). */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM_PATH ?? (await chromiumFromNpm.executablePath());
  return await chromium.launch({ executablePath, args: chromiumFromNpm.args });
}
