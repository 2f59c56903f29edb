import type { Verdict } from "./proofs";

const tones: Record<Verdict, string> = { good: "var(--pass)", bad: "var(--fail)", unknown: "var(--ink3)" };

/** InclusionPath draws the way from an entry to the signed root: one step for each sibling hash, on the side where it joins. */
export function InclusionPath({ index, size, hashes, good }: { index: number; size: number; hashes: number; good: Verdict | undefined }) {
  const steps = sides(index, size, hashes);
  const x = (i: number) => 8 + (284 * i) / Math.max(1, hashes);
  const y = (i: number) => 42 - (28 * i) / Math.max(1, hashes);
  const tone = good === undefined ? "var(--ink3)" : tones[good];
  return (
    <figure className="inclusion">
      <svg viewBox="0 0 300 54" width="100%" role="img" aria-label={`Entry ${index.toLocaleString("en")} joins ${hashes} sibling hashes up to the root`}>
        {steps.map((left, i) => (
          <g key={i} stroke="var(--edge)" fill="none">
            <path d={`M${x(i + 1)} ${y(i + 1)}l${left ? -5 : 5} ${left ? 8 : -8}`} />
            <rect x={x(i + 1) + (left ? -8 : 3)} y={y(i + 1) + (left ? 8 : -13)} width="5" height="5" />
          </g>
        ))}
        <path d={`M${x(0)} ${y(0)}L${x(hashes)} ${y(hashes)}`} stroke={tone} strokeWidth="1.6" />
        <rect x={x(0) - 3} y={y(0) - 3} width="6" height="6" fill={tone} />
        <rect x={x(hashes) - 3} y={y(hashes) - 3} width="6" height="6" fill="var(--ink)" />
      </svg>
      <figcaption className="caption"><span>entry {index.toLocaleString("en")}</span><span>{hashes} sibling {hashes === 1 ? "hash" : "hashes"}</span><span>root</span></figcaption>
    </figure>
  );
}

// sides tells for each step whether the sibling stands left of the path: where the index is odd, or the last of its row.
function sides(index: number, size: number, hashes: number): boolean[] {
  const found: boolean[] = [];
  let [fn, sn] = [index, size - 1];
  while (found.length < hashes && sn > 0) {
    if (fn % 2 === 1 || fn === sn) {
      found.push(true);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
    } else found.push(false);
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  }
  return found;
}
