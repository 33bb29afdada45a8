import { createRouter } from '../../create-router.ts';
import { cancelTaskRoute, handleCancelTask } from './cancel.ts';
import { createTaskRoute, handleCreateTask } from './create.ts';
import { createTaskBatchRoute, handleCreateTaskBatch } from './create-batch.ts';
import { getTaskRoute, handleGetTask } from './get.ts';
import { getTaskBatchRoute, handleGetTaskBatch } from './get-batch.ts';
import { handleListTasks, listTasksRoute } from './list.ts';
import { handleRetryTask, retryTaskRoute } from './retry.ts';
import { handleStreamTask, streamTaskRoute } from './stream.ts';

export const taskRoutes = createRouter()
  .openapi(createTaskRoute, handleCreateTask)
  .openapi(listTasksRoute, handleListTasks)
  .openapi(createTaskBatchRoute, handleCreateTaskBatch)
  .openapi(getTaskBatchRoute, handleGetTaskBatch)
  .openapi(getTaskRoute, handleGetTask)
  .openapi(streamTaskRoute, handleStreamTask)
  .openapi(cancelTaskRoute, handleCancelTask)
  .openapi(retryTaskRoute, handleRetryTask);
