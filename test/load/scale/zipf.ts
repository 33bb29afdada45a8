/** Picks the number of a tenant, small ones the more often. */
export function zipf(tenants: number, skew: number, random: () => number): () => number {
  const sums: number[] = [];
  let sum = 0;
  for (let tenant = 1; tenant <= tenants; tenant++) {
    sum += tenant ** -skew;
    sums.push(sum);
  }
  return () => {
    const at = random() * sum;
    let [low, high] = [0, tenants - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] ?? sum) < at) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}
