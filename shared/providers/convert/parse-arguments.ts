/**
 * The arguments of a tool call, for vendors that take them as an object. What is none is wrapped, so that the model sees
 * what it wrote, in the form of
 * https://platform.claude.com/docs/en/agents-and-tools/tool-use/fine-grained-tool-streaming
 */
export function parseArguments(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text || '{}');
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // wrapped below
  }
  return { INVALID_JSON: text };
}
