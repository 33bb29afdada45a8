/** The pipeline, for the script that runs tasks: the same code that serves requests. */
export type { PipelinePorts } from '../ports.ts';
export { createPipelinePorts } from './create-pipeline-ports.ts';
export type { PipelineInput } from './pipeline-input.ts';
export { refusalToDomain } from './refusal-to-domain.ts';
export { renewAccess } from './renew-access.ts';
export { runRequest } from './run-request.ts';
export type { Settlement } from './settlement.ts';
export type { StreamEncoder, StreamEnding } from './stream-encoder.ts';
export { streamEventOf } from './stream-event-of.ts';
export { streamRequest } from './stream-request.ts';
