import type { ReactNode } from "react";

/** Column says what one column of a DataTable shows. The first column identifies the row, the last is status or proof. */
export interface Column<T> {
  id: string;
  header: string;
  cell: (row: T) => ReactNode;
  /** CSS width; columns without one share what is left. */
  width?: string | number;
  align?: "right";
  /** wraps lets long words take more lines; only for short tables, whose rows need not be of one height. */
  wraps?: boolean;
  /** sortBy makes the column sortable among the rows that are loaded. */
  sortBy?: (row: T) => string | number;
  /** phone says where the cell goes in a two-line row; without it the cell is left out there. */
  phone?: "title" | "status" | "fact";
}

/** Sort is a column and a direction, written in the address as `sort=name` or `sort=-name`. */
export interface Sort { column: string; descending: boolean }

/** readSort reads the sort from the address. */
export function readSort(value: string | undefined): Sort | undefined {
  if (!value) return undefined;
  return value.startsWith("-") ? { column: value.slice(1), descending: true } : { column: value, descending: false };
}

/** writeSort is the other way round. */
export function writeSort(sort: Sort | undefined): string | undefined {
  return sort && `${sort.descending ? "-" : ""}${sort.column}`;
}
