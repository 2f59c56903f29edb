import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { query } from "@/api/client";
import type { Framework } from "@/api/frameworks";
import { Problem, trouble } from "@/api/problem";
import { upload } from "@/api/upload";
import { FilePick } from "@/ui/form/FilePick";
import { FormDialog } from "@/ui/overlay/FormDialog";
import { Notice } from "@/ui/parts/Parts";
import { plural } from "@/features/records/say";
import "./frameworks.css";

const sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/** mediaOf tells an OSCAL catalogue from a sheet, by the file's name. */
export function mediaOf(name: string): string {
  return /\.xlsx$/i.test(name) ? sheet : "application/json";
}

/** ImportFramework reads a catalogue without keeping it first, shows what is wrong and where, and imports it when nothing is. */
export function ImportFramework({ onClose }: { onClose: () => void }) {
  const cache = useQueryClient();
  const router = useRouter();
  const [file, setFile] = useState<File>();
  const post = (dryRun: boolean, chosen: File) => upload<Framework & { framework?: Framework }>(query("/frameworks", { dryRun: dryRun || undefined }), chosen, mediaOf(chosen.name));
  const dry = useMutation({ mutationFn: (chosen: File) => post(true, chosen) });
  const keep = useMutation({
    mutationFn: (chosen: File) => post(false, chosen),
    onSuccess: async (made) => {
      await cache.invalidateQueries({ queryKey: ["frameworks"] });
      await router.navigate({ href: `/frameworks/${encodeURIComponent((made.framework ?? made).id)}` });
    },
  });
  const pick = (chosen: File) => {
    setFile(chosen);
    dry.mutate(chosen);
  };
  const error = keep.error ?? dry.error;
  const faults = error instanceof Problem ? error.body.errors ?? [] : [];
  const said = error ? { ...trouble(error, faults.length > 0 ? `${plural(faults.length, "fault")}: nothing was imported` : "Nothing was imported"), fields: [] } : undefined;
  const found = dry.data?.framework ?? dry.data;
  return (
    <FormDialog title="Import a framework" subtitle="An OSCAL catalogue as JSON, or a sheet (XLSX) with the columns id, title and text." act="Import" ready={file !== undefined && dry.isSuccess} pending={keep.isPending || dry.isPending}
      onClose={onClose} onAct={() => file && keep.mutate(file)} trouble={said} note="Read on the server first; kept only when you import it.">
      <FilePick accept=".json,.xlsx" file={file} onPick={pick} label="Choose a catalogue" />
      {faults.length > 0 ? <ul className="faultlist" aria-label="Faults">{faults.slice(0, 50).map((each) => <li key={`${each.path} ${each.message}`}><code>{each.path}</code><span>{each.message}</span></li>)}</ul> : null}
      {dry.isSuccess && found ? <Notice>{found.name || file?.name}: {plural(Array.isArray(found.items) ? found.items.length : found.items, "item")}, no fault found. Map its items to controls afterwards.</Notice> : null}
    </FormDialog>
  );
}
