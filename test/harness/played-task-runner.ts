import { TaskRunner, type TaskRunnerOutside } from '../../workers/providers/tasks/task-runner.ts';

/** How a test stands in front of what runners reach. */
export type Play = (outside: TaskRunnerOutside) => TaskRunnerOutside;

let play: Play | null = null;

/** Changes what runners that are built from now on reach; null: nothing. */
export function playTaskRunners(next: Play | null): void {
  play = next;
}

/** The tasks' Durable Object as it is deployed, with something in front of what it reaches where a test wants that. */
export class PlayedTaskRunner extends TaskRunner {
  protected override outside(): TaskRunnerOutside {
    return play ? play(super.outside()) : super.outside();
  }
}
