/** Hosts that are no public name, as attackers spell them: loopback first, since a test can listen there. */
const LOOPBACK = [
  ...['127.0.0.1', '127.0.0.1.', '127.1', '127.0.1', '127.0.0.01', '127.000.000.001', '127.255.255.254'],
  ...['2130706433', '0x7f000001', '0X7F000001', '017700000001', '00017700000001', '0x7f.1', '0177.1'],
  ...['0177.0.0.1', '0177.0.0.01', '0x7f.0x0.0x0.0x1', '0x7f.0.0.1', '0177.0x0.0.1', '127.0x1', '127.1.'],
  ...[
    '１２７.０.０.１',
    '127．0．0．1',
    '127。0。0。1',
    '127｡0｡0｡1',
    '①②⑦.⓪.⓪.①',
    '２１３０７０６４３３',
    '０ｘ７ｆ.1',
  ],
  ...['%31%32%37.0.0.1', '127%2e0%2e0%2e1', '1%32%37.1'],
];
const IPV6 = [
  ...['[::1]', '[0:0:0:0:0:0:0:1]', '[0000::0001]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::FFFF:127.0.0.1]'],
  ...['[0:0:0:0:0:ffff:127.0.0.1]', '[::127.0.0.1]', '[::7f00:1]', '[::]', '[64:ff9b::127.0.0.1]', '[64:ff9b::7f00:1]'],
  ...['[64:ff9b:1::7f00:1]', '[64:ff9b::a9fe:a9fe]', '[2002:7f00:1::]', '[2002:a9fe:a9fe::]', '[2001:0:7f00:1::1]'],
  ...['[fe80::1]', '[fec0::1]', '[fc00::1]', '[fd00:ec2::254]', '[ff02::1]', '[100::1]', '[2001:db8::1]'],
];
const PRIVATE = [
  ...['0', '0.0.0.0', '0x0', '10.0.0.1', '0xa000001', '172.16.0.1', '192.168.1.1', '3232235777', '0300.0250.1.1'],
  ...['169.254.169.254', '2852039166', '0xa9fea9fe', '0251.0376.0251.0376', '169.254.43518', '169.16689662'],
  ...['100.64.0.1', '192.0.0.192', '192.0.2.1', '198.18.0.1', '224.0.0.1', '240.0.0.1', '255.255.255.255'],
];
const NAMES = [
  ...[
    'localhost',
    'LOCALHOST',
    'localhost.',
    'a.localhost',
    'ｌｏｃａｌｈｏｓｔ',
    'ⓛⓞⓒⓐⓛⓗⓞⓢⓣ',
    'local%68ost',
    'localhost.localdomain',
    ...['localhost..', 'a..localhost', 'localhost.localdomain..', '127.0.0.1..', 'metadata.google.internal..'],
  ],
  ...['ip6-localhost', 'metadata', 'metadata.google.internal', 'METADATA.GOOGLE.INTERNAL.', 'host.docker.internal'],
  ...['kubernetes.default.svc.cluster.local', 'router.lan', 'printer.home.arpa', '1.0.0.127.in-addr.arpa', 'db.corp'],
];
const HOSTS = [...LOOPBACK, ...IPV6, ...PRIVATE, ...NAMES];

/**
 * URLs that no tenant may have called, over a hundred of them, most at `port`. Each would be a local listener's, a private
 * network's, a cloud's metadata, or carries what a URL may not carry.
 */
export function privateUrls(port: number): string[] {
  const at = `127.0.0.1:${port}`;
  return [
    ...HOSTS.map((host) => `https://${host}:${port}/v1`),
    ...[`https://api.vendor.com@${at}/`, `https://api.vendor.com:443@${at}/`, `https://a:b@${at}/`, `https://@${at}/`],
    ...['https://user@api.vendor.com/', 'https://user:password@api.vendor.com/', 'https://:password@api.vendor.com/'],
    ...[`https://${at}\\@api.vendor.com/`, `https://${at}#@api.vendor.com/`, `https://${at}?@api.vendor.com/`],
    ...[` https://${at}/`, `https://127.0.0\t.1:${port}/`, `https:\n//${at}/`, `https:${at}/`, `https:/${at}/`],
    ...[
      `https:////${at}/`,
      `https:\\\\${at}\\`,
      `HTTPS://${at}/`,
      `https://api.vendor.com/../../@${at}`.replace('/../../', ''),
    ],
    ...[`http://${at}/`, 'http://api.vendor.com/', `ws://${at}/`, `wss://${at}/`, `ftp://${at}/`, `gopher://${at}/`],
    ...[
      'file:///etc/passwd',
      'data:application/json,{}',
      `blob:https://${at}/a`,
      'javascript:1',
      `//${at}/`,
      at,
      '',
      ':',
    ],
  ];
}

/** The same spellings of loopback without TLS: where private URLs are allowed, a listener is reached by all of them. */
export function loopbackUrls(port: number): string[] {
  return LOOPBACK.map((host) => `http://${host}:${port}/v1`);
}
