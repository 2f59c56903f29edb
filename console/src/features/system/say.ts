/** bytes writes a size in the unit that reads best. */
export function bytes(n: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const step = n <= 0 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(n) / 3));
  return `${(n / 1000 ** step).toLocaleString("en", { maximumFractionDigits: step < 3 ? 0 : 1 })} ${units[step]}`;
}
