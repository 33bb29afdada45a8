import { createRouter } from '../../create-router.ts';
import { dropDeadLetterRoute, handleDropDeadLetter } from './drop.ts';
import { getDeadLetterRoute, handleGetDeadLetter } from './get.ts';
import { handleListDeadLetters, listDeadLettersRoute } from './list.ts';
import { handleReplayDeadLetter, replayDeadLetterRoute } from './replay.ts';

export const deadLetterRoutes = createRouter()
  .openapi(listDeadLettersRoute, handleListDeadLetters)
  .openapi(getDeadLetterRoute, handleGetDeadLetter)
  .openapi(replayDeadLetterRoute, handleReplayDeadLetter)
  .openapi(dropDeadLetterRoute, handleDropDeadLetter);
