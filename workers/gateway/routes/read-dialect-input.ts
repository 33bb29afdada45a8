import * as z from 'zod';
import type { ChatInput, CompletionInput, EmbeddingInput } from '../../../shared/contracts/http/chat-input.ts';
import { type OrchestrateRequest, orchestrateRequest } from '../../../shared/contracts/http/orchestrate.ts';
import { closestModels, resolveModel } from '../../../shared/domain/routing/resolve-model.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../shared/errors/result.ts';
import type { AppContext } from '../app-context.ts';
import type { ReadRequest } from '../dialects/dialect.ts';
import { droppedFields } from '../dialects/dropped-fields.ts';
import type { PipelineInput } from '../pipeline/pipeline-input.ts';
import { toPipelineInput } from '../to-pipeline-input.ts';

const metadataHeader = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: 'custom', message: 'not JSON' });
      return z.NEVER;
    }
  })
  .pipe(orchestrateRequest.shape.metadata);

const NO_METADATA = { success: true, data: {} } as const;

/** What a route knows of a request beside what its body says. */
interface Kind {
  readonly taskType: OrchestrateRequest['taskType'];
  readonly stream: boolean;
  /** The body as the route's schema left it, to tell what it dropped. */
  readonly parsed: unknown;
}

/** The pipeline's input for a request in the words of another API. Its own extras are in headers. */
export async function readDialectInput(
  context: AppContext,
  read: ReadRequest<ChatInput | CompletionInput | EmbeddingInput>,
  { taskType, stream, parsed }: Kind,
): Promise<Result<PipelineInput, DomainError>> {
  const said = context.req.header('x-eufm-metadata');
  const metadata = said === undefined ? NO_METADATA : metadataHeader.safeParse(said);
  if (!metadata.success) {
    const detail = `X-Eufm-Metadata must be a JSON object: ${metadata.error.issues[0]?.message}.`;
    return err({ code: 'bad_request', detail, errors: [{ pointer: 'X-Eufm-Metadata', detail }] });
  }
  const target = targetOf(context, read.model);
  if (!target.ok) return target;
  const dropped = droppedFields(context.get('body'), parsed);
  const left = [...dropped, ...betasOf(context)].map((name) => `${name} was ignored: it is not offered here`);
  const request: OrchestrateRequest = {
    input: read.input,
    taskType,
    stream,
    ...target.value,
    async: false,
    ...(context.req.header('x-eufm-continue') === 'true' && { continueOnFailure: true }),
    metadata: metadata.data,
  };
  return ok(toPipelineInput(context, request, { ...read, warnings: [...read.warnings, ...left] }));
}

/** The beta features that a request asks for, each with its header. None is passed on: it could change price and format. */
function betasOf(context: AppContext): string[] {
  const header = `${context.get('dialect')}-beta`;
  const features =
    context.req
      .header(header)
      ?.split(',')
      .map((feature) => feature.trim()) ?? [];
  return features.filter((feature) => feature !== '').map((feature) => `${header}: ${feature}`);
}

/** Where the request is to go: as the policy header says, else the model's name. */
function targetOf(
  context: AppContext,
  model: string,
): Result<Pick<OrchestrateRequest, 'providerPreferences' | 'routingPolicyId'>, DomainError> {
  const { snapshot } = context.get('tenant');
  const policy = context.req.header('x-eufm-policy');
  const resolved = resolveModel(snapshot, policy ?? model);
  if (resolved?.kind === 'policy') return ok({ providerPreferences: [], routingPolicyId: resolved.id });
  if (policy !== undefined) {
    const detail = `The tenant has no routing policy "${policy}".`;
    return err({ code: 'routing_policy_not_found', detail, errors: [{ pointer: 'X-Eufm-Policy', detail }] });
  }
  if (resolved) return ok({ providerPreferences: [{ ...resolved.name, weight: 1 }] });
  const closest = closestModels(snapshot, model);
  const hint = closest.length > 0 ? ` Did you mean one of: ${closest.join(', ')}?` : '';
  const detail = `There is no model, provider/model or routing policy "${model}".${hint} GET /v1/models lists them.`;
  return err({ code: 'model_not_found', detail, errors: [{ pointer: '/model', detail }] });
}
