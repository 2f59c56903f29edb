import type { ReactNode } from "react";
import "./grid.css";

export interface GridCell { row: number; column: number; content: ReactNode; tone: 0 | 1 | 2 | 3 | 4; label: string; here?: boolean }
interface Axis { name: string; steps: readonly { value: number; name: string; text?: string | undefined }[] }

/** Grid is a two-way table over two scales; rows run down from the highest, so that the worst corner is top right. */
export function Grid({ label, rows, columns, cells }: { label: string; rows: Axis; columns: Axis; cells: readonly GridCell[] }) {
  const at = (row: number, column: number) => cells.find((cell) => cell.row === row && cell.column === column);
  return (
    <table className="grid" aria-label={label}>
      <thead>
        <tr>
          <th scope="col" className="grid-corner"><span>{rows.name} <span aria-hidden>↓</span></span><span>{columns.name} <span aria-hidden>→</span></span></th>
          {columns.steps.map((step) => <th key={step.value} scope="col" title={step.text}><span className="grid-n">{step.value}</span><span className="grid-name">{step.name}</span></th>)}
        </tr>
      </thead>
      <tbody>
        {rows.steps.toReversed().map((row) => (
          <tr key={row.value}>
            <th scope="row" title={row.text}><span className="grid-n">{row.value}</span><span className="grid-name">{row.name}</span></th>
            {columns.steps.map((column) => <GridField key={column.value} cell={at(row.value, column.value)} />)}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function GridField({ cell }: { cell: GridCell | undefined }) {
  if (!cell) return <td />;
  // A cell with words of its own for those who do not see it is read by them; one with links inside is read by the links.
  return (
    <td className={`grid-tone${cell.tone} ${cell.here ? "grid-here" : ""}`}>
      {cell.label ? <><span aria-hidden>{cell.content}</span><span className="hidden">{cell.label}</span></> : cell.content}
    </td>
  );
}
