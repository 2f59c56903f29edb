/** Field is something that rows can be filtered by; `values` are offered while typing. One shown `elsewhere` on the page makes no chip. */
export interface Field { name: string; label: string; values?: readonly string[]; elsewhere?: boolean }

/** Filter is what a list is narrowed by: field values and free words. */
export interface Filter { fields: Record<string, string>; words: string }

/** typed turns one word into a chip when it names a known field ("status:fail"); other words stay words. */
export function typed(word: string, fields: readonly Field[]): { name: string; value: string } | undefined {
  const split = word.indexOf(":");
  if (split < 1 || split === word.length - 1) return undefined;
  const field = fields.find((each) => each.name === word.slice(0, split).toLowerCase());
  return field && { name: field.name, value: word.slice(split + 1) };
}

/** readFilter takes the filter out of the address; fields the list does not know are left alone. */
export function readFilter(params: Record<string, string>, fields: readonly Field[]): Filter {
  const known = fields.flatMap((field) => (params[field.name] ? [[field.name, params[field.name] ?? ""] as const] : []));
  return { fields: Object.fromEntries(known), words: params["q"] ?? "" };
}

/** complete offers what could follow what is typed: field names, then the values of a field. */
export function complete(text: string, fields: readonly Field[]): string[] {
  const word = text.split(/\s+/).at(-1) ?? "";
  if (word === "") return [];
  const [name = "", value] = word.split(":", 2);
  if (value === undefined) return fields.filter((field) => field.name.startsWith(name.toLowerCase())).map((field) => `${field.name}:`);
  const field = fields.find((each) => each.name === name.toLowerCase());
  return (field?.values ?? []).filter((each) => each.startsWith(value) && each !== value).slice(0, 8).map((each) => `${name}:${each}`);
}
