import { expect, it } from 'vitest';
import { orchestrateRequest } from '../../shared/contracts/http/orchestrate.ts';
import { toFieldErrors } from './field-errors.ts';

function pointersOf(body: unknown): string[] {
  const result = orchestrateRequest.safeParse(body);
  return result.success ? [] : toFieldErrors(result.error.issues).map(({ pointer }) => pointer);
}

it.each([
  [{}, ['/input']],
  [{ input: 5 }, ['/input']],
  [{ input: '' }, ['/input']],
  [{ input: 'hi', streem: true, 'a/b~c': 1 }, ['/streem', '/a~1b~0c']],
  [{ input: { messages: [{ role: 'user', content: 5 }] } }, ['/input/messages/0/content']],
  [{ input: { messages: [], temperature: 9 } }, ['/input/messages', '/input/temperature']],
  [{ input: 'hi', providerPreferences: [{ provider: 'openai' }] }, ['/providerPreferences/0/model']],
  [{ input: 'hi', metadata: { note: 'a\0b' } }, ['/metadata']],
  [{ input: { prompt: 5 } }, ['/input/prompt']],
  [{ input: { texts: ['a', ''] } }, ['/input/texts/1']],
  [{ input: { prompt: 'a', temperature: 9 } }, ['/input/temperature']],
  [[], ['']],
])('names the wrong fields of %j', (body, pointers) => {
  expect(pointersOf(body)).toEqual(pointers);
});
