/** PatternDefs holds the fills of bars and timelines once for the whole page. */
export function PatternDefs() {
  return (
    <svg width="0" height="0" style={{ position: "absolute" }} aria-hidden>
      <defs>
        <pattern id="fill-stale" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="2.5" height="5" fill="var(--stale)" />
        </pattern>
        <pattern id="fill-unknown" width="4" height="4" patternUnits="userSpaceOnUse">
          <rect x=".5" y=".5" width="1.7" height="1.7" fill="var(--unknown)" />
        </pattern>
        <pattern id="fill-excepted" width="4" height="4" patternUnits="userSpaceOnUse">
          <rect width="2" height="4" fill="var(--excepted)" />
        </pattern>
        <pattern id="fill-window" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="2" height="4" fill="var(--accent)" />
        </pattern>
        <pattern id="fill-gap" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="1" height="5" fill="var(--edge)" />
        </pattern>
      </defs>
    </svg>
  );
}
