import { expect, it } from 'vitest';
import { signAwsRequest } from './aws-signature.ts';

/** "post-vanilla" of AWS's published Signature Version 4 test suite. */
it('is AWS’s own in its test suite', async () => {
  const identity = {
    region: 'us-east-1',
    service: 'service',
    accessKeyId: 'AKIDEXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  };
  const sign = (body: string) =>
    signAwsRequest(identity, { host: 'example.amazonaws.com', headers: {}, body }, new Date('2015-08-30T12:36:00Z'));
  expect(await sign('')).toEqual({
    'x-amz-date': '20150830T123600Z',
    authorization:
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  });
  expect((await sign('x')).authorization).not.toBe((await sign('')).authorization);
});
