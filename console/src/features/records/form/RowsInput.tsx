import type { Body, Fault, FormField } from "@/api/records";
import { Button } from "@/ui/parts/Button";
import { Icon } from "@/ui/parts/Icon";
import { FieldInput } from "./FieldInput";
import { bounds, faultsAt, fieldId, missing, rowsOf } from "./paths";

interface Props { field: FormField; path: string; value: unknown; faults: readonly Fault[]; readOnly: boolean; onChange: (value: unknown) => void }

/** RowsInput is a table that is filled in; rows that must be there are offered by name. */
export function RowsInput({ field, path, value, faults, readOnly, onChange }: Props) {
  const rows = rowsOf(value);
  const columns = field.fields ?? [];
  const first = columns[0]?.name ?? "";
  const own = faultsAt(faults, path);
  const lacking = missing(field, value);
  // Columns that stand beside each other are named once; others in each row.
  const plain = columns.length <= 4 && columns.every((column) => !["prose", "many", "rows", "refs"].includes(column.type));
  const set = (index: number, row: Body) => onChange(rows.map((each, i) => (i === index ? row : each)));
  const add = (row: Body) => onChange([...rows, row]);
  return (
    <fieldset className="plainset rowsfield" id={fieldId(path)} tabIndex={-1}>
      <legend>{field.title}{field.optional ? ", optional" : ""} <span className="ink3 small">{rows.length === 1 ? "1 row" : `${rows.length} rows`}</span></legend>
      {field.help || bounds(field) || field.tracks ? <p className="caption">{[field.help?.replace(/\.$/, ""), bounds(field), field.tracks ? "each row becomes an item that is tracked until it is done" : ""].filter(Boolean).join("; ")}</p> : null}
      {own.map((fault) => <p key={fault.message} className="fail small">{fault.message}</p>)}
      <div className={plain ? "rowstable rowstable-plain" : "rowstable"} role="table" aria-label={field.title}>
        {rows.map((row, index) => (
          // Rows have no identity of their own before they are saved.
          // oxlint-disable-next-line react/no-array-index-key
          <div key={index} role="row" className={readOnly ? "rowsrow rowsrow-said" : "rowsrow"}>
            <span className="rowsrow-n ink3 small" role="rowheader">{index + 1}</span>
            <div className="rowscells">
              {columns.map((column) => (
                <div key={column.name} role="cell" className={column.type === "prose" || column.type === "many" || column.type === "rows" ? "rowscell rowscell-wide" : "rowscell"}>
                  {column.type === "rows"
                    ? <RowsInput field={column} path={`${path}[${index}].${column.name}`} value={row[column.name]} faults={faults} readOnly={readOnly} onChange={(next) => set(index, { ...row, [column.name]: next })} />
                    : <FieldInput field={column} path={`${path}[${index}].${column.name}`} value={row[column.name]} faults={faultsAt(faults, `${path}[${index}].${column.name}`, true)} readOnly={readOnly} onChange={(next) => set(index, { ...row, [column.name]: next })} />}
                </div>
              ))}
            </div>
            {readOnly ? null : <Button kind="quiet" aria-label={`Remove row ${index + 1} of ${field.title}`} icon={<Icon name="close" size={13} />} onClick={() => onChange(rows.filter((_, i) => i !== index))} />}
          </div>
        ))}
      </div>
      {readOnly ? (rows.length === 0 ? <p className="ink3">no row</p> : null) : (
        <div className="row wrap rowsadd">
          <Button icon={<Icon name="plus" size={12} />} onClick={() => add({})}>Add row</Button>
          {lacking.length > 0 ? <span className="small stale">Needed:</span> : null}
          {lacking.slice(0, 12).map((each) => <Button key={each} kind="quiet" onClick={() => add({ [first]: each })} aria-label={`Add the row ${each}`}>+ {each}</Button>)}
          {lacking.length > 1 ? <Button kind="quiet" onClick={() => onChange([...rows, ...lacking.map((each) => ({ [first]: each }))])}>Add all {lacking.length}</Button> : null}
        </div>
      )}
    </fieldset>
  );
}
