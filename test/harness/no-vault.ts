import type { JobPorts } from '../../workers/ledger/jobs/job.ts';

const unused = () => Promise.reject(new Error('this test has no vault'));

/** For jobs that touch no key. */
export const NO_VAULT: JobPorts['vault'] = { rewrapKey: unused, reseal: unused };
