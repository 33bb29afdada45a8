import * as z from 'zod';

/** The answer to a listing of which nothing is read: that it is a JSON object tells that the vendor gave it. */
export const listing = z.looseObject({});
