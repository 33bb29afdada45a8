import type {
  AnthropicAssistantBlock,
  AnthropicResultBlock,
  AnthropicUserBlock,
} from '../../../../shared/contracts/http/anthropic/content-blocks.ts';
import { ANTHROPIC_BLOCK_TYPES } from '../../../../shared/contracts/http/anthropic/content-blocks.ts';
import type { NotOffered } from '../../../../shared/contracts/http/anthropic/offered.ts';
import {
  ANTHROPIC_CLIENT_TOOLS,
  type AnthropicClientTool,
  type AnthropicCustomTool,
} from '../../../../shared/contracts/http/anthropic/tools.ts';

const USER: ReadonlySet<string> = new Set(ANTHROPIC_BLOCK_TYPES.user);
const ASSISTANT: ReadonlySet<string> = new Set(ANTHROPIC_BLOCK_TYPES.assistant);
const RESULT: ReadonlySet<string> = new Set(ANTHROPIC_BLOCK_TYPES.result);
const CLIENT_TOOLS: ReadonlySet<string> = new Set(ANTHROPIC_CLIENT_TOOLS);

// Guarantee of all that follow: the contract has parsed the item, and lets an offered type pass in its own form only.

export function isUserBlock(block: AnthropicUserBlock | NotOffered): block is AnthropicUserBlock {
  return USER.has(block.type);
}

export function isAssistantBlock(block: AnthropicAssistantBlock | NotOffered): block is AnthropicAssistantBlock {
  return ASSISTANT.has(block.type);
}

export function isResultBlock(block: AnthropicResultBlock | NotOffered): block is AnthropicResultBlock {
  return RESULT.has(block.type);
}

type Tool = AnthropicCustomTool | AnthropicClientTool | NotOffered;

export function isCustomTool(tool: Tool): tool is AnthropicCustomTool {
  return tool.type == null || tool.type === 'custom';
}

export function isClientTool(tool: Tool): tool is AnthropicClientTool {
  return typeof tool.type === 'string' && CLIENT_TOOLS.has(tool.type);
}

export function isOfferedTool(tool: Tool): tool is AnthropicCustomTool | AnthropicClientTool {
  return isCustomTool(tool) || isClientTool(tool);
}
