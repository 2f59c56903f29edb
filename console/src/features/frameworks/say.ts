import type { Framework } from "@/api/frameworks";

const names: Record<string, string> = { product: "Our mapping, per control", source: "The framework's own", operator: "Your mapping" };

/** provenanceName says whose mapping it is. */
export function provenanceName(provenance: string): string {
  return names[provenance] ?? provenance;
}

/** provenanceShort is the same as one word in a sentence. */
export function provenanceShort(provenance: string): string {
  return { product: "our mapping", source: "its own mapping", operator: "your mapping" }[provenance] ?? provenance;
}

/** provenancesOf lists the mappings of a framework, ours first. */
export function provenancesOf(framework: Framework | undefined): string[] {
  const order = ["product", "source", "operator"];
  const known = framework === undefined ? ["product"] : framework.provenances ?? [];
  return order.filter((each) => known.includes(each) || each === "operator").concat(known.filter((each) => !order.includes(each)));
}
