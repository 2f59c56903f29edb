import { useMutation, useQueryClient } from "@tanstack/react-query";
import { part, send } from "@/api/client";

/** useAct sends one step of an engagement and reads it anew. */
export function useAct(id: string, done: () => void = () => undefined) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ path, body }: { path: string; body: object }) => send("POST", `/engagements/${part(id)}/${path}`, body),
    onSuccess: async () => {
      await Promise.all([["engagement", id], ["list", "/engagements"]].map((queryKey) => cache.invalidateQueries({ queryKey })));
      done();
    },
  });
}
