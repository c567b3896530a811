import type { FeatureCollection } from "geojson";
import type { LayerSpecification, SourceSpecification, StyleSpecification } from "maplibre-gl";

/** Colours of the map, as the theme has them. */
export interface Tones {
  water: string;
  land: string;
  coast: string;
  card: string;
  ink: string;
  accent: string;
  onAccent: string;
  warn: string;
  quiet: string;
}

export const DETAIL_ZOOM = 5;
const TILE = 256;
const DEEPEST_TILE = 19;

/** An address of tiles is vector where it says so; a PMTiles file is asked. */
export function kindOf(tiles: string): "none" | "raster" | "vector" | "pmtiles" {
  if (!tiles) return "none";
  if (/\.pmtiles(\?|$)/.test(tiles)) return "pmtiles";
  return /\.(pbf|mvt)(\?|$)/.test(tiles) ? "vector" : "raster";
}

/** Layers over vector tiles, by names that both usual schemas (OpenMapTiles, Protomaps) have. */
export function vectorLayers(tones: Tones): LayerSpecification[] {
  const fill = (layer: string, color: string, opacity = 1): LayerSpecification => ({
    id: `streets-${layer}`,
    type: "fill",
    source: "streets",
    "source-layer": layer,
    filter: ["==", ["geometry-type"], "Polygon"],
    paint: { "fill-color": color, "fill-opacity": opacity },
  });
  const line = (layer: string): LayerSpecification => ({
    id: `streets-${layer}`,
    type: "line",
    source: "streets",
    "source-layer": layer,
    paint: { "line-color": tones.coast, "line-width": ["interpolate", ["linear"], ["zoom"], 8, 0.4, 18, 5] },
  });
  return [
    fill("earth", tones.land),
    fill("water", tones.water),
    fill("building", tones.coast, 0.35),
    fill("buildings", tones.coast, 0.35),
    line("transportation"),
    line("roads"),
  ];
}

/** Land and coast of one source of outlines. */
export function outlineLayers(
  id: string,
  source: string,
  tones: Tones,
  zooms: { minzoom?: number; maxzoom?: number },
): LayerSpecification[] {
  return [
    {
      id: `${id}-land`,
      type: "fill",
      source,
      filter: ["==", ["get", "kind"], "land"],
      paint: { "fill-color": tones.land, "fill-antialias": false },
      ...zooms,
    },
    {
      id: `${id}-coast`,
      type: "line",
      source,
      filter: ["==", ["get", "kind"], "coast"],
      paint: { "line-color": tones.coast, "line-width": 1 },
      ...zooms,
    },
  ];
}

/** The ground that cameras stand on: outlines of our own, and tiles where the site names some. */
export function ground(
  streets: { source: SourceSpecification; vector: boolean } | null,
  tones: Tones,
): StyleSpecification {
  const tiled: LayerSpecification[] = !streets
    ? []
    : streets.vector
      ? vectorLayers(tones)
      : [{ id: "streets", type: "raster", source: "streets" }];
  return {
    version: 8,
    sources: {
      world: { type: "geojson", data: nothing(), tolerance: 0.5 },
      ...(streets ? { streets: streets.source } : {}),
      cones: { type: "geojson", data: nothing() },
      marks: { type: "geojson", data: nothing() },
    },
    layers: [
      { id: "water", type: "background", paint: { "background-color": tones.water } },
      ...outlineLayers("world", "world", tones, { maxzoom: DETAIL_ZOOM }),
      ...tiled,
      ...overlays(tones),
    ],
  };
}

export const nothing = (): FeatureCollection => ({ type: "FeatureCollection", features: [] });

function overlays(tones: Tones): LayerSpecification[] {
  return [
    {
      id: "cones",
      type: "fill",
      source: "cones",
      paint: { "fill-color": tones.accent, "fill-opacity": 0.25, "fill-outline-color": tones.accent },
    },
    {
      id: "marks",
      type: "circle",
      source: "marks",
      paint: {
        "circle-color": ["match", ["get", "look"], "quiet", tones.card, "warn", tones.warn, tones.accent],
        "circle-stroke-color": ["match", ["get", "look"], "quiet", tones.quiet, tones.card],
        "circle-stroke-width": 2,
        "circle-radius": ["interpolate", ["linear"], ["get", "size"], 0, 8, 0.3, 13, 1, 16, 4, 28],
      },
    },
    {
      id: "mark-labels",
      type: "symbol",
      source: "marks",
      filter: [">", ["get", "count"], 1],
      layout: {
        "text-field": ["get", "label"],
        "text-size": 13,
        "text-font": ["sans-serif"],
        "text-allow-overlap": true,
        "text-ignore-placement": true,
      },
      paint: { "text-color": tones.onAccent },
    },
  ];
}

export function rasterSource(address: string): SourceSpecification {
  return { type: "raster", tiles: [address], tileSize: TILE, maxzoom: DEEPEST_TILE };
}
