import { useQuery } from "@tanstack/react-query";
import { whoami } from "./queries";

/** useMay tells what the signed-in person may do; the server decides anew on every call. */
export function useMay(): (permission: string) => boolean {
  const { data } = useQuery(whoami);
  return (permission) => data?.permissions.includes(permission) ?? false;
}
