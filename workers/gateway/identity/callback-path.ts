/** Where identity providers send browsers back to: what is registered there for this site. */
export const CALLBACK_PATH = '/v1/auth/callback';
