drop table task_executions, tasks, workflows, agent_versions, agents;
