import { createSortedRowModel, rowSortingFeature, tableFeatures, useTable, type SortingState } from "@tanstack/react-table";
import { useMediaQuery } from "@mantine/hooks";
import { Fragment, useMemo, useRef, type MouseEvent, type ReactNode } from "react";
import { useRouter } from "@tanstack/react-router";
import { Icon } from "@/ui/parts/Icon";
import { useCarry } from "@/ui/past/past";
import { words } from "@/words";
import type { Column, Sort } from "./columns";
import { PhoneRows } from "./PhoneRows";
import { keepTrail } from "./trail";
import { useWindow } from "./window";
import "./table.css";

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() });

export interface DataTableProps<T> {
  /** label names the table for those who do not see it. */
  label: string;
  rows: readonly T[];
  columns: readonly Column<T>[];
  keyOf: (row: T) => string;
  /** href is where a row leads; without it the row does not open. */
  href?: (row: T) => string | undefined;
  sort?: Sort | undefined;
  onSort?: (sort: Sort | undefined) => void;
  selected?: ReadonlySet<string>;
  onSelect?: (keys: ReadonlySet<string>) => void;
  tint?: (row: T) => "fail" | "current" | undefined;
  dimmed?: ReadonlySet<string>;
  /** below opens a row on what it consists of. */
  below?: (row: T) => ReactNode;
}

/** DataTable is every table: sticky header, sorting, selection, j/k/Enter/x, virtual above 100 rows, two-line rows on a phone. */
export function DataTable<T extends object>(props: DataTableProps<T>) {
  const { rows, columns, sort } = props;
  const phone = useMediaQuery("(max-width: 640px)", undefined, { getInitialValueInEffect: false });
  const defs = useMemo(() => columns.map((column) => ({
    id: column.id, header: column.header, accessorFn: column.sortBy ?? (() => ""), enableSorting: column.sortBy !== undefined, sortFn: compare,
  })), [columns]);
  const sorting = useMemo<SortingState>(() => (sort ? [{ id: sort.column, desc: sort.descending }] : []), [sort]);
  const data = useMemo(() => [...rows], [rows]);
  const table = useTable({ features, columns: defs, data, state: { sorting }, getRowId: (row: T) => props.keyOf(row) });
  const ordered = table.getRowModel().rows.map((row) => row.original);
  return phone ? <PhoneRows {...props} rows={ordered} /> : <Wide {...props} rows={ordered} />;
}

function compare(a: { getValue: (id: string) => unknown }, b: { getValue: (id: string) => unknown }, id: string): number {
  const [left, right] = [a.getValue(id), b.getValue(id)];
  if (typeof left === "number" && typeof right === "number") return left - right;
  return String(left).localeCompare(String(right), "en", { numeric: true });
}

function Wide<T extends object>(props: DataTableProps<T>) {
  const { rows, columns, keyOf, selected, onSelect } = props;
  const body = useRef<HTMLTableSectionElement>(null);
  const view = useWindow(rows.length, body);
  const width = columns.length + (onSelect ? 1 : 0);
  return (
    <table className="datatable" aria-label={props.label} aria-rowcount={rows.length + 1}>
      <colgroup>
        {onSelect ? <col style={{ width: 32 }} /> : null}
        {columns.map((column) => <col key={column.id} style={column.width === undefined ? {} : { width: column.width }} />)}
      </colgroup>
      <thead>
        <tr>
          {onSelect ? <th scope="col"><SelectAll rows={rows.map(keyOf)} selected={selected ?? new Set()} onSelect={onSelect} /></th> : null}
          {columns.map((column) => <Head key={column.id} column={column} {...props} />)}
        </tr>
      </thead>
      <tbody ref={body}>
        {view.before > 0 ? <tr aria-hidden><td colSpan={width} style={{ height: view.before, padding: 0 }} /></tr> : null}
        {rows.slice(view.from, view.to).map((row, i) => (
          <Fragment key={keyOf(row)}>
            <Row {...props} row={row} index={view.from + i} />
            {props.below?.(row)}
          </Fragment>
        ))}
        {view.after > 0 ? <tr aria-hidden><td colSpan={width} style={{ height: view.after, padding: 0 }} /></tr> : null}
      </tbody>
    </table>
  );
}

function Head<T>({ column, sort, onSort }: { column: Column<T>; sort?: Sort | undefined; onSort?: (sort: Sort | undefined) => void }) {
  const active = sort?.column === column.id ? sort : undefined;
  const order = active === undefined ? undefined : active.descending ? "descending" : "ascending";
  const next = () => onSort?.(active === undefined ? { column: column.id, descending: false } : active.descending ? undefined : { column: column.id, descending: true });
  return (
    <th scope="col" className={column.align === "right" ? "right" : ""} {...(order ? { "aria-sort": order } : {})}>
      {column.sortBy && onSort ? (
        <button type="button" className={active ? "sortby sortby-on" : "sortby"} onClick={next}>
          {column.header}
          {active ? <Icon name={active.descending ? "sortDown" : "sortUp"} size={12} /> : null}
        </button>
      ) : column.header}
    </th>
  );
}

function Row<T extends object>(props: DataTableProps<T> & { row: T; index: number }) {
  const { row, columns, keyOf, href, selected, onSelect, tint, dimmed } = props;
  const router = useRouter();
  const key = keyOf(row);
  const carry = useCarry();
  const to = href?.(row);
  const chosen = selected?.has(key) ?? false;
  const leave = () => href && keepTrail(router.state.location.href, props.rows.flatMap((each) => href(each) ?? []));
  const open = (event: MouseEvent<HTMLElement>) => {
    if (to === undefined || (event.target as HTMLElement).closest("a,button,input,label")) return;
    leave();
    void router.navigate({ href: carry(to) });
  };
  const tone = chosen ? "tr-chosen" : tint?.(row) ? `tr-${tint(row)}` : "";
  return (
    // The first cell holds a real link; clicking elsewhere in the row is only a larger target for it.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
    <tr className={`${tone} ${to ? "tr-opens" : ""} ${dimmed?.has(key) ? "tr-gone" : ""}`} aria-rowindex={props.index + 2} onClick={open} onClickCapture={leave}>
      {onSelect ? <td><SelectOne rowKey={key} selected={selected ?? new Set()} onSelect={onSelect} /></td> : null}
      {columns.map((column) => <td key={column.id} className={`${column.align === "right" ? "right" : ""}${column.wraps ? " wraps" : ""}`}>{column.cell(row)}</td>)}
    </tr>
  );
}

type Selecting = { selected: ReadonlySet<string>; onSelect: (keys: ReadonlySet<string>) => void };

function SelectOne({ rowKey, selected, onSelect }: Selecting & { rowKey: string }) {
  const toggle = () => {
    const next = new Set(selected);
    if (!next.delete(rowKey)) next.add(rowKey);
    onSelect(next);
  };
  return <input type="checkbox" className="tick" data-select aria-label={`${words.table.select} ${rowKey}`} checked={selected.has(rowKey)} onChange={toggle} />;
}

function SelectAll({ rows, selected, onSelect }: Selecting & { rows: string[] }) {
  const all = rows.length > 0 && rows.every((key) => selected.has(key));
  return <input type="checkbox" className="tick" aria-label={words.table.selectAll} checked={all} onChange={() => onSelect(all ? new Set() : new Set(rows))} />;
}
