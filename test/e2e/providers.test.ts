import { LLMock } from '@copilotkit/aimock';
import { describe, expect, it } from 'vitest';
import { PROVIDERS } from '../../shared/contracts/names.ts';
import { DEFAULT_MODELS } from '../../shared/providers/default-models.ts';
import { dataFolder, orchestrate, type Product, startProduct } from '../harness/product.ts';

const NAMES = ['OPENAI', 'ANTHROPIC', 'GEMINI', 'PERPLEXITY', 'MISTRAL', 'OPENAI_COMPATIBLE'];

async function answers({ dev }: Product): Promise<Record<string, string>> {
  const entries = PROVIDERS.map(async (provider) => {
    const providerPreferences = [{ provider, model: DEFAULT_MODELS[provider] ?? 'any-model' }];
    const response = await orchestrate(dev, { input: 'hello', providerPreferences });
    const { output } = (await response.json()) as { output: { message: { content: string } } };
    return [provider, output.message.content] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

const toAll = (content: unknown) => Object.fromEntries(PROVIDERS.map((provider) => [provider, content]));

describe('providers of npm start', () => {
  it('are simulated without keys; with a key and a base URL, that server is called', async () => {
    using folder = dataFolder();
    {
      await using product = await startProduct(folder.path);
      expect(await answers(product)).toEqual(toAll(expect.stringContaining('simulated')));
    }
    const server = new LLMock({ port: 0, host: '127.0.0.1' }).onMessage('hello', {
      content: 'from the server that was named',
    });
    const url = await server.start();
    try {
      const settings = NAMES.flatMap((name) => [
        [`${name}_API_KEY`, `key-of-${name}`],
        [`${name}_BASE_URL`, url],
      ]);
      await using product = await startProduct(folder.path, Object.fromEntries(settings));
      expect(product.output()).not.toContain('SIMULATED');
      expect(await answers(product)).toEqual(toAll('from the server that was named'));
      expect(
        server
          .getRequests()
          .map(({ path }) => path)
          .sort(),
      ).toEqual([
        '/chat/completions',
        '/v1/chat/completions',
        '/v1/chat/completions',
        '/v1/chat/completions',
        '/v1/messages',
        `/v1beta/models/${DEFAULT_MODELS.google}:generateContent`,
      ]);
    } finally {
      await server.stop();
    }
  });
});
