import { writeScale } from './scale-report.ts';
import { DEFAULT_SCALE, simulate } from './simulation.ts';

/** What the page docs/scale.md has between these lines is written by the simulation. */
const [BEGIN, END] = ['<!-- simulated: node test/load/simulate-scale.ts --page -->', '<!-- end of simulated -->'];

/** The page with the tables of a simulation with default options. Throws when it has no place for them. */
export async function updateScalePage(page: string): Promise<string> {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin === -1 || end < begin) throw new Error('docs/scale.md has lost the lines around its tables');
  const tables = writeScale(DEFAULT_SCALE, await simulate(DEFAULT_SCALE));
  return `${page.slice(0, begin + BEGIN.length)}\n\n${tables}\n\n${page.slice(end)}`;
}
