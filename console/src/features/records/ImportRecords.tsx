import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { query } from "@/api/client";
import { Problem, trouble } from "@/api/problem";
import { upload } from "@/api/upload";
import { FilePick } from "@/ui/form/FilePick";
import { FormDialog } from "@/ui/overlay/FormDialog";
import { Notice } from "@/ui/parts/Parts";
import { plural } from "./say";

type Imported = { created?: number; drafts?: number; items?: unknown[]; records?: unknown[]; total?: number };

const count = (answer: Imported) => answer.created ?? answer.drafts ?? answer.items?.length ?? answer.records?.length ?? answer.total ?? 0;

/** ImportRecords reads records as drafts: first without keeping them, with every fault at its place, then for good. */
export function ImportRecords({ onClose }: { onClose: () => void }) {
  const cache = useQueryClient();
  const [file, setFile] = useState<File>();
  const post = (dryRun: boolean, chosen: File) => upload<Imported>(query("/records/import", { dryRun: dryRun || undefined }), chosen, "application/json");
  const dry = useMutation({ mutationFn: (chosen: File) => post(true, chosen) });
  const keep = useMutation({
    mutationFn: (chosen: File) => post(false, chosen),
    onSuccess: async () => {
      await Promise.all([["duties"], ["list", "/duties"], ["list", "/records"]].map((queryKey) => cache.invalidateQueries({ queryKey })));
      onClose();
    },
  });
  const error = keep.error ?? dry.error;
  const faults = error instanceof Problem ? error.body.errors ?? [] : [];
  return (
    <FormDialog title="Import records" subtitle="JSON as the export writes it. Everything comes in as a draft: nothing counts before it is submitted and approved here." act="Import drafts" ready={file !== undefined && dry.isSuccess} pending={dry.isPending || keep.isPending}
      trouble={error ? { ...trouble(error, faults.length > 0 ? `${plural(faults.length, "fault")}: nothing was imported` : "Nothing was imported"), fields: faults.slice(0, 30).map((each) => ({ name: each.path ?? "", message: each.message })) } : undefined}
      onClose={onClose} onAct={() => file && keep.mutate(file)}>
      <FilePick label="Choose a file" accept=".json,application/json" most="5 MB" file={file} onPick={(chosen) => { setFile(chosen); dry.mutate(chosen); }} />
      {dry.data ? <Notice>{plural(count(dry.data), "draft")} would be made, no fault found.</Notice> : null}
    </FormDialog>
  );
}
