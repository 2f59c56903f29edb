import { Fragment } from "react";
import { useRouter } from "@tanstack/react-router";
import type { Column } from "./columns";
import type { DataTableProps } from "./DataTable";
import { keepTrail } from "./trail";

/** PhoneRows draws a table as two-line rows: what it is and how it stands, then two facts. */
export function PhoneRows<T extends object>({ label, rows, columns, keyOf, href, tint, dimmed, below }: DataTableProps<T>) {
  const router = useRouter();
  const of = (place: Column<T>["phone"]) => columns.filter((column) => column.phone === place);
  const leave = () => href && keepTrail(router.state.location.href, rows.flatMap((row) => href(row) ?? []));
  return (
    <ul className="phonerows" aria-label={label}>
      {rows.map((row) => (
        // Opening a row remembers the list; the link inside does the opening.
        // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
        <li key={keyOf(row)} className={`${tint?.(row) ? `tr-${tint(row)}` : ""} ${dimmed?.has(keyOf(row)) ? "tr-gone" : ""}`} onClickCapture={leave}>
          <div className="phonerow-line">
            <span className="phonerow-title">{of("title").map((column) => <Fragment key={column.id}>{column.cell(row)}</Fragment>)}</span>
            <span>{of("status").map((column) => <Fragment key={column.id}>{column.cell(row)}</Fragment>)}</span>
          </div>
          <div className="phonerow-facts">{of("fact").map((column) => <span key={column.id}>{column.cell(row)}</span>)}</div>
          {below ? <table><tbody>{below(row)}</tbody></table> : null}
        </li>
      ))}
    </ul>
  );
}
