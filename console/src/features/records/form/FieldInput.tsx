import { NativeSelect, Textarea, TextInput } from "@mantine/core";
import type { Fault, FormField } from "@/api/records";
import { PersonInput } from "@/features/people/PersonInput";
import { dayFromNow, dayText } from "@/ui/time/format";
import { bounds, fieldId, missing, namesOf } from "./paths";
import { RefsInput } from "./RefsInput";

export interface FieldProps { field: FormField; path: string; value: unknown; faults: readonly Fault[]; readOnly: boolean; onChange: (value: unknown) => void; bare?: boolean }

/** notes of a field beside its help: what it asks for and what follows from it. */
function help(field: FormField): string {
  return [field.help?.replace(/\.$/, "") ?? "", bounds(field), field.performed ? "the day the work was done; it counts from then" : "", field.independent ? "not the owner of what this is about" : "", field.acknowledges ? "has to acknowledge the record" : "", field.futureOnly ? "a day to come" : ""].filter(Boolean).join("; ");
}

/** FieldInput is one field of a form, by its type. `bare` leaves its label to the head of a table. */
export function FieldInput(props: FieldProps) {
  const { field, path, value, faults, readOnly, onChange, bare = false } = props;
  if (readOnly || field.measured) return <Said {...props} />;
  const error = faults.length === 0 ? undefined : faults.map((fault) => fault.message).join("; ");
  const label = `${field.title}${field.optional ? ", optional" : ""}`;
  const common = { id: fieldId(path), ...(bare ? { "aria-label": label } : { label, description: help(field) }), error };
  const text = typeof value === "string" || typeof value === "number" ? String(value) : "";
  switch (field.type) {
    case "prose": return <Textarea {...common} autosize minRows={bare ? 1 : 3} value={text} onChange={(event) => onChange(event.currentTarget.value)} />;
    case "number": return <TextInput {...common} type="number" inputMode="decimal" value={text} {...(field.least ? { min: field.least } : {})} {...(field.most ? { max: field.most } : {})} step="any" onChange={(event) => onChange(event.currentTarget.value === "" ? "" : Number(event.currentTarget.value))} />;
    case "date": return <TextInput {...common} type="date" value={text.slice(0, 10)} {...(field.performed ? { max: dayFromNow() } : {})} {...(field.futureOnly ? { min: dayFromNow() } : {})} onChange={(event) => onChange(event.currentTarget.value)} />;
    case "choice": return <NativeSelect {...common} value={text} onChange={(event) => onChange(event.currentTarget.value)} data={[{ value: "", label: "Choose" }, ...(field.options ?? [])]} />;
    case "person": return <PersonInput {...common} value={text} onChange={onChange} />;
    case "bool": return <Bool field={field} id={common.id} value={value} error={error} bare={bare} onChange={onChange} />;
    case "many": return <Many field={field} id={common.id} value={value} error={error} onChange={onChange} />;
    case "refs": return <RefsInput field={field} id={common.id} value={namesOf(value)} error={error} help={help(field)} bare={bare} onChange={onChange} />;
    default: return <TextInput {...common} value={text} onChange={(event) => onChange(event.currentTarget.value)} />;
  }
}

/** Bool asks yes or no; that nobody answered yet is a third state, not a no. */
function Bool({ field, id, value, error, bare, onChange }: { field: FormField; id: string; value: unknown; error: string | undefined; bare: boolean; onChange: (value: unknown) => void }) {
  const said = typeof value === "boolean" ? String(value) : "";
  return (
    <NativeSelect id={id} {...(bare ? { "aria-label": field.title } : { label: `${field.title}${field.optional ? ", optional" : ""}`, description: help(field) })} error={error} value={said} onChange={(event) => onChange(event.currentTarget.value === "" ? undefined : event.currentTarget.value === "true")}
      data={[{ value: "", label: "Not answered" }, { value: "true", label: "Yes" }, { value: "false", label: "No" }]} />
  );
}

function Many({ field, id, value, error, onChange }: { field: FormField; id: string; value: unknown; error: string | undefined; onChange: (value: unknown) => void }) {
  const chosen = namesOf(value);
  const lacking = missing(field, value);
  return (
    <fieldset className="plainset" id={id} tabIndex={-1}>
      <legend>{field.title}{field.optional ? ", optional" : ""}</legend>
      {help(field) ? <p className="caption">{help(field)}</p> : null}
      <div className="manygrid">
        {(field.options ?? []).map((option) => (
          <label key={option} className="check">
            <input type="checkbox" className="tick" checked={chosen.includes(option)} onChange={() => onChange(chosen.includes(option) ? chosen.filter((each) => each !== option) : [...chosen, option])} />
            <span>{option}{lacking.includes(option) ? <span className="stale small"> needed</span> : null}</span>
          </label>
        ))}
      </div>
      {error ? <p className="fail small">{error}</p> : null}
    </fieldset>
  );
}

/** Said shows what stands in a field of a form that can no longer be changed. */
function Said({ field, path, value, faults, bare, readOnly }: FieldProps) {
  const shown = saidOf(field, value);
  return (
    <div className={bare ? "said said-bare" : "said"} id={fieldId(path)} tabIndex={-1}>
      {bare ? null : <div className="said-label">{field.title}{field.measured ? <span className="ink3">, read from the files</span> : null}</div>}
      <div className={field.type === "prose" ? "said-prose" : ""}>{shown === "" ? <span className="ink3">{field.measured && !readOnly ? "not read yet" : field.optional ? "left out" : "empty"}</span> : shown}</div>
      {faults.map((fault) => <p key={fault.message} className="fail small">{fault.message}</p>)}
    </div>
  );
}

function saidOf(field: FormField, value: unknown): string {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.map(String).join(", ");
  if (typeof value === "boolean") return value ? "Yes" : "No";
  if (field.type === "date" && typeof value === "string" && Number.isFinite(Date.parse(value))) return dayText(Date.parse(value));
  return typeof value === "string" || typeof value === "number" ? String(value) : JSON.stringify(value);
}
