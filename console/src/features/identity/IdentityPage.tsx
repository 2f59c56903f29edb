import { useQuery } from "@tanstack/react-query";
import { useList } from "@/api/list";
import { trouble } from "@/api/problem";
import { identity } from "@/api/queries";
import type { Certificate, Identity } from "@/api/types";
import { useAddress } from "@/ui/address";
import { ValidityLine } from "@/ui/charts/ValidityLine";
import { IdChip } from "@/ui/parts/IdChip";
import { Page } from "@/ui/parts/Page";
import { DefinitionList, FactsLine, SectionHead, type Fact } from "@/ui/parts/Parts";
import { EmptyState, ErrorState } from "@/ui/parts/States";
import { Wait } from "@/ui/parts/Wait";
import { readSort, writeSort } from "@/ui/table/columns";
import { DataTable } from "@/ui/table/DataTable";
import { readFilter, type Field } from "@/ui/table/filter";
import { FilterBar } from "@/ui/table/FilterBar";
import { ListEnd } from "@/ui/table/ListEnd";
import { dayText, parse } from "@/ui/time/format";
import { RelativeTime } from "@/ui/time/RelativeTime";
import { useNow } from "@/ui/time/clock";
import { certificateColumns } from "./columns";

const fields: readonly Field[] = [
  { name: "state", label: "State", values: ["active", "superseded", "revoked"] }, { name: "expiring", label: "Ends within days", values: ["14", "30", "90"] }, { name: "subject", label: "Subject" },
];

/** IdentityPage answers "which credentials exist, and when do they end?" */
export default function IdentityPage() {
  const { params, change } = useAddress();
  const query = useQuery(identity);
  const filter = readFilter(params, fields);
  const list = useList<Certificate>("/certificates", { ...filter.fields, q: filter.words });
  const counts = query.data?.counts;
  return (
    <Page title={counts ? `${counts.active.toLocaleString("en")} certificates are active, ${counts.expiring30 === 0 ? "none ends" : `${counts.expiring30.toLocaleString("en")} ${counts.expiring30 === 1 ? "ends" : "end"}`} within 30 days` : "Certificate authority"} tab="Certificate authority"
      facts={query.data ? <Facts identity={query.data} /> : null}
      rail={<Wait query={query} say={(error) => trouble(error, "The authority could not be read")}>{(data) => <Rail identity={data} />}</Wait>}>
      <FilterBar filter={filter} fields={fields} placeholder="subject, serial, state:revoked" onChange={(next) => change({ ...Object.fromEntries(fields.map((f) => [f.name, next.fields[f.name]])), q: next.words })} />
      {list.error ? <ErrorState trouble={trouble(list.error, "The certificates could not be read")} again={list.again} /> : null}
      {list.rows.length > 0 ? <DataTable label="Certificates" rows={list.rows} columns={certificateColumns.filter((column) => column.id !== "by")} keyOf={(row) => row.serial} sort={readSort(params["sort"])} onSort={(sort) => change({ sort: writeSort(sort) })} /> : null}
      {!list.pending && !list.error && list.rows.length === 0 ? <EmptyState title="No certificate matches" command="thingward claim create lock-1">A device gets its certificate when it enrols with a claim.</EmptyState> : null}
      {list.rows.length > 0 ? <ListEnd shown={list.rows.length} total={list.total} more={list.more} loading={list.loading} /> : null}
    </Page>
  );
}

function Facts({ identity: { counts, crl, fips } }: { identity: Identity }) {
  const number = (n: number) => n.toLocaleString("en");
  return (
    <FactsLine facts={[
      { label: "Active", value: number(counts.active) }, { label: "Superseded", value: number(counts.superseded) }, { label: "Revoked", value: number(counts.revoked) }, { label: "Ended", value: number(counts.expired) },
      { label: "Revocation list", value: <>number {crl.number}, published <RelativeTime at={crl.published} />, next <RelativeTime at={crl.next} /></> },
      { label: "FIPS 140-3 module", value: fips ? "in use" : "not in use" },
    ]} />
  );
}

function Rail({ identity: data }: { identity: Identity }) {
  return (
    <>
      <Authority title="Issuing authority" ca={data.issuing} file="issuing.pem" />
      <Authority title="Root" ca={data.root} file="root.pem" />
      <section className="section"><SectionHead title="Crypto policy" note="drives every listener and the authority" /><DefinitionList facts={policyFacts(data.policy)} /></section>
      <section className="section"><SectionHead title="Revocation" /><DefinitionList facts={[{ label: "OCSP", value: data.ocspUrl ? <code>{data.ocspUrl}</code> : <span className="ink3">not served</span> }, { label: "Listed", value: `${data.crl.revoked.toLocaleString("en")} serials` }]} /></section>
    </>
  );
}

function Authority({ title, ca, file }: { title: string; ca: Identity["issuing"] | Identity["root"]; file: string }) {
  const now = useNow();
  const [from, to] = [parse(ca.notBefore), parse(ca.notAfter)];
  return (
    <section className="section">
      <SectionHead title={title}><a href={`data:application/x-pem-file,${encodeURIComponent(ca.pem)}`} download={file}>Download</a></SectionHead>
      <DefinitionList facts={[{ label: "Name", value: ca.name }, { label: "Fingerprint", value: <IdChip id={ca.fingerprint} label="fingerprint" /> }, ...(from === undefined && to !== undefined ? [{ label: "Ends", value: dayText(to, now) }] : [])]} />
      {from !== undefined && to !== undefined ? <ValidityLine from={from} to={to} now={now} /> : null}
    </section>
  );
}

/** policyFacts writes the crypto policy as facts; lists are joined, durations stay as the server says them. */
const labels: Record<string, string> = {
  minTls: "Lowest TLS", curves: "Key exchange", keys: "Keys", minRsa: "Fewest RSA bits", hashes: "Hashes", lifetimeDays: "Certificate life", serverDays: "Server's life", keyDays: "Longest key life", overlapDays: "Overlap",
};

function policyFacts(policy: Record<string, unknown> | null): Fact[] {
  return Object.entries(policy ?? {}).map(([key, value]) => ({
    label: labels[key] ?? key,
    value: key.endsWith("Days") ? `${String(value)} days` : Array.isArray(value) ? value.join(", ") || "none" : typeof value === "object" && value !== null ? JSON.stringify(value) : typeof value === "boolean" ? (value ? "yes" : "no") : String(value),
  }));
}
