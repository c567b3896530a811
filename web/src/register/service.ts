import type { components } from "../api";
import { asked, client } from "../kit/fetch";

export type Phase = components["schemas"]["CameraItemModel"]["phase"];

export const PHASES: readonly Phase[] = ["proposed", "assessed", "noticed", "active", "suspended", "removed"];

/** Which cameras; what is empty does not matter. */
export interface Filter {
  organisation: string;
  area: string;
  phase: Phase | "";
  purpose: string;
  q: string;
}

export const FIELDS = ["q", "organisation", "area", "phase", "purpose"] as const;

/** The filter that an address holds. */
export function filterOf(query: URLSearchParams): Filter {
  const phase = query.get("phase") ?? "";
  return {
    organisation: query.get("organisation") ?? "",
    area: query.get("area") ?? "",
    phase: PHASES.find((one) => one === phase) ?? "",
    purpose: query.get("purpose") ?? "",
    q: query.get("q") ?? "",
  };
}

/** A filter as an address holds it: `?area=central`, or nothing. */
export function queryOf(filter: Filter): string {
  const found = new URLSearchParams(FIELDS.flatMap((name) => (filter[name] ? [[name, filter[name]]] : [])));
  return found.size ? `?${found.toString()}` : "";
}

/** A filter as the interface takes it. */
export function given(filter: Filter): { [K in keyof Filter]?: Exclude<Filter[K], ""> } {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value));
}

const PAGE = 50;

export const about = (signal: AbortSignal) => asked(client.GET("/api/v1/register/about", { signal }));

export const cameras = (filter: Filter, after: string | null, signal?: AbortSignal) =>
  asked(
    client.GET("/api/v1/register/cameras", {
      params: { query: { ...given(filter), limit: PAGE, ...(after ? { after } : {}) } },
      ...(signal ? { signal } : {}),
    }),
  );

export const mapPart = (filter: Filter, box: string, zoom: number, signal: AbortSignal) =>
  asked(client.GET("/api/v1/register/map", { params: { query: { ...given(filter), box, zoom } }, signal }));

export const camera = (id: string, signal: AbortSignal) =>
  asked(client.GET("/api/v1/register/cameras/{camera_id}", { params: { path: { camera_id: id } }, signal }));

export const proof = (id: string) =>
  asked(client.GET("/api/v1/register/cameras/{camera_id}/proof", { params: { path: { camera_id: id } } }));

export const plans = (signal: AbortSignal) => asked(client.GET("/api/v1/register/plans", { signal }));

export const plan = (id: string, signal: AbortSignal) =>
  asked(client.GET("/api/v1/register/plans/{plan_id}", { params: { path: { plan_id: id } }, signal }));

export const reports = (signal: AbortSignal) => asked(client.GET("/api/v1/reports", { signal }));

export const complain = (text: string, camera: string, reach: string) =>
  asked(client.POST("/api/v1/complaints", { body: { text, camera, reach } }));

export const request = (text: string, camera: string, reach: string, when: string) =>
  asked(client.POST("/api/v1/requests", { body: { text, camera, reach, when } }));

export const matter = (number: string, secret: string) =>
  asked(
    client.GET("/api/v1/receipts/{number}", {
      params: { path: { number }, header: { "X-Receipt": secret } },
    }),
  );

// What the interface gives, as its client types it.
type Given<F extends (...asked: never[]) => Promise<unknown>> = Awaited<ReturnType<F>>;
export type About = Given<typeof about>;
export type CameraList = Given<typeof cameras>;
export type CameraItem = CameraList["items"][number];
export type CameraPage = Given<typeof camera>;
export type MapPart = Given<typeof mapPart>;
export type MapMark = MapPart["items"][number];
export type Proof = Given<typeof proof>;
export type PlanList = Given<typeof plans>;
export type PlanItem = PlanList["items"][number];
export type Plan = Given<typeof plan>;
export type ReportList = Given<typeof reports>;
export type Receipt = Given<typeof complain>;
export type Matter = Given<typeof matter>;
