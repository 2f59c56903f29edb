import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { get, part } from "@/api/client";
import type { ExportFile, ExportPack } from "@/api/engagements";
import { useMay } from "@/api/may";
import { trouble } from "@/api/problem";
import { sizeText } from "@/ui/form/FilePick";
import { ProofBadge } from "@/ui/marks/Marks";
import { Go } from "@/ui/parts/Go";
import { Icon } from "@/ui/parts/Icon";
import { hex, IdChip } from "@/ui/parts/IdChip";
import { Page } from "@/ui/parts/Page";
import { DefinitionList, FactsLine, SectionHead } from "@/ui/parts/Parts";
import { CommandLine, ErrorState } from "@/ui/parts/States";
import type { Column } from "@/ui/table/columns";
import { DataTable } from "@/ui/table/DataTable";
import { Due } from "@/ui/time/Due";
import { RelativeTime } from "@/ui/time/RelativeTime";
import { utcFull } from "@/ui/time/format";
import { PackState, percentDone, scopeText } from "./PackState";
import "@/ui/form/form.css";

/** ExportPage shows how far a pack is, and its files with the hash of each. */
export default function ExportPage() {
  const { id = "" } = useParams({ strict: false });
  const query = useQuery({
    queryKey: ["export", id], queryFn: () => get<ExportPack>(`/exports/${part(id)}`),
    refetchInterval: ({ state }) => (state.data?.state === "queued" || state.data?.state === "running" ? 1000 : false),
  });
  if (query.error) return <Page title="Export" tab="Export"><ErrorState trouble={trouble(query.error, "The export could not be read")} again={() => void query.refetch()} /></Page>;
  return query.data ? <Shown pack={query.data} /> : null;
}

function title(pack: ExportPack): string {
  if (pack.state === "done") return `The pack is ready: ${(pack.files ?? []).length} files`;
  if (pack.state === "failed") return "The pack could not be made";
  if (pack.state === "gone") return "The pack was removed when its time ended";
  return pack.state === "queued" ? "The pack waits for its turn" : "The pack is being made";
}

function Shown({ pack }: { pack: ExportPack }) {
  const may = useMay();
  const fetches = may("export:create") && pack.state === "done";
  const zip = (pack.files ?? []).find((file) => file.name === "pack.zip");
  const href = (file: ExportFile) => `/api/v1/exports/${part(pack.id)}/files/${part(file.name)}`;
  const columns: readonly Column<ExportFile>[] = [
    { id: "name", header: "File", width: "32%", phone: "title", cell: (file) => (fetches ? <a href={href(file)} download={file.name} className="link" data-row>{file.name}</a> : <span>{file.name}</span>) },
    { id: "media", header: "Type", phone: "fact", cell: (file) => <span className="ink2">{file.media}</span> },
    { id: "size", header: "Size", width: 96, align: "right", phone: "status", cell: (file) => <span className="ink2">{sizeText(file.size)}</span> },
    { id: "hash", header: "SHA-256", width: 180, phone: "fact", cell: (file) => <IdChip id={file.sha256} label={`hash of ${file.name}`} /> },
  ];
  return (
    <Page title={title(pack)} tab="Export" actions={zip && fetches ? <a className="btn btn-primary" href={href(zip)} download="pack.zip"><Icon name="download" size={13} />Fetch pack.zip</a> : null}
      facts={<FactsLine facts={[
        { label: "State", value: <PackState pack={pack} /> }, { label: "Asked for by", value: <>{pack.by}, <RelativeTime at={pack.created} /></> }, { label: "Holds", value: scopeText(pack.order) },
        { label: "As of", value: pack.order.at ? <RelativeTime at={pack.order.at} /> : "the moment it was made" }, ...(pack.order.engagement ? [{ label: "For", value: <Go href={`/engagements/${pack.order.engagement}`}>an engagement</Go> }] : []),
        ...(pack.expires ? [{ label: "Kept until", value: <Due at={pack.expires} past="gone since" /> }] : []),
      ]} />}
      rail={pack.state === "done" ? <Proof pack={pack} /> : undefined}>
      {pack.state === "running" || pack.state === "queued" ? (
        <div className="sent pad" role="status"><span>{pack.progress.step || "Waiting"}</span><span className="small ink2">{pack.state === "running" ? `${pack.progress.done.toLocaleString("en")} of ${pack.progress.total.toLocaleString("en")}` : ""}</span><progress className="bar" value={percentDone(pack)} max={100} aria-label="Progress of the pack" /></div>
      ) : null}
      {pack.state === "failed" ? <ErrorState trouble={{ title: "Nothing was exported", detail: pack.reason ?? "The server gave no reason.", remedy: "Ask for the pack again; if it fails again, look into the server’s log." }} /> : null}
      {(pack.files ?? []).length > 0 ? <DataTable label="Files" rows={pack.files ?? []} columns={columns} keyOf={(file) => file.name} /> : null}
      {pack.state === "done" && !may("export:create") ? <p className="small ink2 pad">Your role may see that the pack was made, not fetch it.</p> : null}
    </Page>
  );
}

/** figure writes a number for people, and a moment to the second in UTC. */
function figure(value: number | string): string {
  if (typeof value === "number") return value.toLocaleString("en", { maximumFractionDigits: 1 });
  const at = /^\d{4}-\d{2}-\d{2}T/.test(value) ? Date.parse(value) : NaN;
  return Number.isNaN(at) ? value : utcFull(at, false);
}

function Proof({ pack }: { pack: ExportPack }) {
  const figures = Object.entries(pack.figures ?? {}).filter((entry): entry is [string, number | string] => typeof entry[1] === "number" || typeof entry[1] === "string");
  return (
    <>
      {pack.checkpoint ? (
        <section className="section">
          <SectionHead title="Proof"><ProofBadge proof="sealed" text="Bound to the log" /></SectionHead>
          <DefinitionList facts={[{ label: "Checkpoint", value: `${pack.checkpoint.size.toLocaleString("en")} entries` }, { label: "Root", value: <IdChip id={hex(pack.checkpoint.root)} label="root" /> }]} />
          <p className="small ink2 pad">manifest.json in the pack names the hash of each file. Each control carries the log entry of its last change with its proof.</p>
          <CommandLine command="thingward export verify pack.zip" />
        </section>
      ) : null}
      {figures.length > 0 ? <section className="section"><SectionHead title="Figures" note="the same in every file" /><DefinitionList facts={figures.map(([key, value]) => ({ label: key.replaceAll(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`).replace(/^./, (letter) => letter.toUpperCase()), value: figure(value) }))} /></section> : null}
    </>
  );
}
