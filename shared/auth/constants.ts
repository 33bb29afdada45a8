/** Characters of base 62 that hold a 128-bit tenant id. */
export const TENANT_LENGTH = 22;

/** Characters of base 62 in a key's secret: 238 bits, so that 202 stay unknown beside the part that is shown. */
export const SECRET_LENGTH = 40;

/** Characters of base 62 that hold a CRC-32. */
export const CHECKSUM_LENGTH = 6;

/** Characters of the secret that a key's prefix shows, for people to tell keys apart. */
export const SHOWN_SECRET_LENGTH = 6;

export const SHAPE = new RegExp(
  `^eufm_([a-z]+)_([a-z]+)_([0-9A-Za-z]{${TENANT_LENGTH}})[0-9A-Za-z]{${SECRET_LENGTH + CHECKSUM_LENGTH}}$`,
);
