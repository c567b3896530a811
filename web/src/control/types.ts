import type { components } from "../api";

type Schemas = components["schemas"];
export type Camera = Schemas["CameraModel"];
export type Count = Schemas["CountModel"];
export type Alert = Schemas["AlertModel"];
export type Health = Schemas["HealthModel"];
