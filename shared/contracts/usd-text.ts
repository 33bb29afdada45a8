const PICO_DIGITS = 12;

/** Pico-dollars as dollars: the exact decimal text, without zeros at its end. */
export function toUsdText(picoUsd: bigint): string {
  const sign = picoUsd < 0n ? '-' : '';
  const digits = String(picoUsd < 0n ? -picoUsd : picoUsd).padStart(PICO_DIGITS + 1, '0');
  const decimals = digits.slice(-PICO_DIGITS).replace(/0+$/, '');
  return `${sign}${digits.slice(0, -PICO_DIGITS)}${decimals && `.${decimals}`}`;
}
