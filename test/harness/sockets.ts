import { Agent, request } from 'node:http';
import type { DevFile } from './product.ts';

export interface TcpAnswer {
  readonly status: number;
  readonly requestId: string;
}

/** Sends `POST /v1/orchestrate` over so many kept sockets at once, as clients do; answers every answer. */
export async function orchestrateMany(
  dev: DevFile,
  amount: number,
  sockets: number,
  onAnswer: (count: number) => void = () => {},
): Promise<TcpAnswer[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: sockets });
  const answers: TcpAnswer[] = [];
  let sent = 0;
  try {
    await Promise.all(
      Array.from({ length: sockets }, async () => {
        while (sent < amount) {
          sent += 1;
          answers.push(await ask(dev, agent, `request ${sent}`));
          onAnswer(answers.length);
        }
      }),
    );
  } finally {
    agent.destroy();
  }
  return answers;
}

function ask({ baseUrl, apiKey, tenantId }: DevFile, agent: Agent, input: string): Promise<TcpAnswer> {
  const headers = { 'x-api-key': apiKey, 'x-tenant-id': tenantId, 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const sending = request(`${baseUrl}/v1/orchestrate`, { method: 'POST', headers, agent }, (response) => {
      response.resume();
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, requestId: String(response.headers['x-request-id']) }),
      );
    });
    sending.on('error', reject);
    sending.end(JSON.stringify({ input, providerPreferences: [{ provider: 'openai', model: 'gpt-4o-mini' }] }));
  });
}
