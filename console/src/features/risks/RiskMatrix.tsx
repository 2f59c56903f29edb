import type { Cell, Matrix, Scales } from "@/api/risks";
import { useAddress, writeSearch } from "@/ui/address";
import { Grid, type GridCell } from "@/ui/charts/Grid";
import { Go } from "@/ui/parts/Go";
import { levelWord } from "./say";

/** Picked is the place of the matrix that the list shows: of what was rated, or of what remains. */
export interface Picked { likelihood: number; impact: number; residual: boolean }
type Props = { matrix: Matrix; scales: Scales; picked: Picked | undefined; past: boolean };

/** RiskMatrix counts the open risks by likelihood and impact, as rated and as they remain; each count leads to exactly the risks it counts. */
export function RiskMatrix({ matrix, scales, picked, past }: Props) {
  const { params } = useAddress();
  const is = (cell: Cell, residual: boolean) => picked !== undefined && picked.likelihood === cell.likelihood && picked.impact === cell.impact && picked.residual === residual;
  // The count that is picked leads back to the whole list.
  const href = (cell: Cell, residual: boolean) => `/risks${writeSearch({ ...params, ...(is(cell, residual) ? { likelihood: undefined, impact: undefined, residual: undefined } : { likelihood: cell.likelihood, impact: cell.impact, residual: residual ? "true" : undefined }) })}`;
  const cells = (matrix.cells ?? []).map((cell): GridCell => {
    const place = `Likelihood ${cell.likelihood}, impact ${cell.impact}, ${levelWord(cell.levelName)}`;
    const part = (residual: boolean, count: number, className: string, text: string, says: string) => (count === 0 ? <span className={className}>{text}</span> : (
      <Go href={href(cell, residual)} className={`plain ${className}${is(cell, residual) ? " grid-on" : ""}`} aria-label={`${place}: ${text}${says}`} {...(is(cell, residual) ? { "aria-current": "true" as const } : {})}>{text}</Go>
    ));
    return {
      row: cell.likelihood, column: cell.impact, tone: Math.min(4, Math.max(0, cell.level - 1)) as GridCell["tone"], here: is(cell, false) || is(cell, true),
      label: cell.count + cell.residual === 0 ? `${place}: none` : "",
      content: cell.count + cell.residual === 0 ? <span className="ink3 small">·</span> : (
        <span className="grid-two">{part(false, cell.count, "grid-count", String(cell.count), " as rated")}{part(true, cell.residual, "grid-rest", `${cell.residual} ${past ? "then" : "now"}`, past ? ", what remained" : ", what remains")}</span>
      ),
    };
  });
  const steps = (list: Scales["likelihood"]) => (list ?? []).map((step) => ({ value: step.level, name: levelWord(step.name), text: step.text }));
  return (
    <div className="riskmatrix">
      <Grid label="Open risks by likelihood and impact" rows={{ name: "Likelihood", steps: steps(scales.likelihood) }} columns={{ name: "Impact", steps: steps(scales.impact) }} cells={cells} />
      <p className="caption">A stronger shade is a higher level: {(scales.level ?? []).map((step) => levelWord(step.name)).join(", ")}. {past ? "The large figure counts risks as rated, the small one what remained then." : "The large figure counts risks as rated, the small one what remains now that mitigations are done."} Each leads to its risks.</p>
    </div>
  );
}
