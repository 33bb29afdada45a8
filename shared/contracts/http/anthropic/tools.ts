import { z } from '@hono/zod-openapi';
import { anthropicCacheControl } from './content-blocks.ts';
import { offeredOrNot } from './offered.ts';

/** Tools that Anthropic defines and the client runs. https://platform.claude.com/docs/en/agents-and-tools/tool-use */
export const ANTHROPIC_CLIENT_TOOLS = [
  'bash_20250124',
  'browser_toolset_20260801',
  'computer_20250124',
  'computer_20251124',
  'computer_toolset_20260801',
  'memory_20250818',
  'text_editor_20250124',
  'text_editor_20250429',
  'text_editor_20250728',
] as const;

const shared = {
  cache_control: anthropicCacheControl.nullish(),
  strict: z.boolean().optional(),
  input_examples: z.array(z.record(z.string(), z.unknown())).optional(),
};
const pixels = z.int().min(1).optional();

const customTool = z.object({
  type: z.literal('custom').nullish(),
  name: z.string().regex(/^[\w-]{1,128}$/),
  description: z.string().optional(),
  input_schema: z.looseObject({ type: z.literal('object') }).openapi({ description: 'A JSON Schema (2020-12).' }),
  eager_input_streaming: z.boolean().nullish(),
  ...shared,
});
export type AnthropicCustomTool = z.infer<typeof customTool>;

const clientTool = z.object({
  type: z.enum(ANTHROPIC_CLIENT_TOOLS),
  name: z.string().optional(),
  max_characters: z.int().min(1).nullish(),
  display_width_px: pixels,
  display_height_px: pixels,
  display_number: z.int().min(0).nullish(),
  enable_zoom: z.boolean().optional(),
  configs: z.record(z.string(), z.unknown()).nullish(),
  ...shared,
});
export type AnthropicClientTool = z.infer<typeof clientTool>;

/** A tool: the client's own, or one that Anthropic defines and the client runs. Others are left out. */
export const anthropicTool = offeredOrNot(z.discriminatedUnion('type', [customTool, clientTool]), [
  'custom',
  ...ANTHROPIC_CLIENT_TOOLS,
]).openapi('AnthropicTool');
export type AnthropicTool = z.infer<typeof anthropicTool>;

const parallel = { disable_parallel_tool_use: z.boolean().optional() };

export const anthropicToolChoice = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('auto'), ...parallel }),
    z.object({ type: z.literal('any'), ...parallel }),
    z.object({ type: z.literal('tool'), name: z.string().min(1), ...parallel }),
    z.object({ type: z.literal('none') }),
  ])
  .openapi('AnthropicToolChoice');
export type AnthropicToolChoice = z.infer<typeof anthropicToolChoice>;
