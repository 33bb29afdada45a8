import { createRouter } from '../../create-router.ts';
import { createBudgetRoute, handleCreateBudget } from './create.ts';
import { deleteBudgetRoute, handleDeleteBudget } from './delete.ts';
import { getBudgetRoute, handleGetBudget } from './get.ts';
import { handleListBudgets, listBudgetsRoute } from './list.ts';
import { handleUpdateBudget, updateBudgetRoute } from './update.ts';

export const budgetRoutes = createRouter()
  .openapi(listBudgetsRoute, handleListBudgets)
  .openapi(createBudgetRoute, handleCreateBudget)
  .openapi(getBudgetRoute, handleGetBudget)
  .openapi(updateBudgetRoute, handleUpdateBudget)
  .openapi(deleteBudgetRoute, handleDeleteBudget);
