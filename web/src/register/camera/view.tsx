import type { ReactNode } from "react";
import { ButtonLink } from "../../kit/button";
import { useSay, useSettings } from "../../kit/settings";
import type { CameraPage } from "../service";
import { said } from "../shown";
import { type Key, words } from "../words";
import { Facts, Part } from "./parts";

const SIZE = 200;
const REACH = 84;
const WAYS = 8;

function point(bearing: number, far: number): string {
  const angle = ((bearing - 90) * Math.PI) / 180;
  return `${(SIZE / 2 + far * Math.cos(angle)).toFixed(1)} ${(SIZE / 2 + far * Math.sin(angle)).toFixed(1)}`;
}

/** From above: the camera in the middle, the ground that it sees as a cone, north at the top. */
function Cone({ bearing, angle, label }: { bearing: number; angle: number; label: string }): ReactNode {
  const wide = Math.min(angle, 359.9);
  const path =
    `M ${SIZE / 2} ${SIZE / 2} L ${point(bearing - wide / 2, REACH)} ` +
    `A ${REACH} ${REACH} 0 ${wide > 180 ? 1 : 0} 1 ${point(bearing + wide / 2, REACH)} Z`;
  return (
    <svg className="cone" viewBox={`0 0 ${SIZE} ${SIZE}`} role="img" aria-label={label}>
      {[28, 56, 84].map((radius) => (
        <circle key={radius} className="cone-ring" cx={SIZE / 2} cy={SIZE / 2} r={radius} />
      ))}
      <path className="cone-ring" d={`M ${SIZE / 2} 8 V 192 M 8 ${SIZE / 2} H 192`} />
      <path className="cone-view" d={path} />
      <circle className="cone-camera" cx={SIZE / 2} cy={SIZE / 2} r="5" />
      <path className="cone-north" d="M 100 2 l 5 11 l -5 -3 l -5 3 Z" />
    </svg>
  );
}

/** The frame of its picture with what is always hidden in it. */
function Hidden({ zones, label }: { zones: CameraPage["forbidden"]; label: string }): ReactNode {
  return (
    <svg className="frame" viewBox="0 0 160 90" role="img" aria-label={label}>
      <rect className="frame-edge" x="0.5" y="0.5" width="159" height="89" />
      {zones.map((zone) => (
        <polygon
          key={zone.id}
          className="frame-zone"
          points={(zone.outline ?? []).map(([x = 0, y = 0]) => `${x * 160},${y * 90}`).join(" ")}
        />
      ))}
    </svg>
  );
}

/** Where it stands, which way it looks, and what it must not see. */
export function View({ page }: { page: CameraPage }): ReactNode {
  const say = useSay(words);
  const { language } = useSettings();
  const { camera, view, forbidden } = page;
  const known = view.bearing !== null && view.angle !== null;
  const way = Math.round((view.bearing ?? 0) / (360 / WAYS)) % WAYS;
  const outlined = forbidden.filter((zone) => zone.outline);
  return (
    <Part id="view" title={say("view")}>
      <div className="view">
        {known && <Cone bearing={view.bearing ?? 0} angle={view.angle ?? 0} label={say("viewDrawing")} />}
        <div className="view-words">
          <Facts
            facts={[
              [say("viewPlace"), said(camera, "place", camera.place, language)],
              [
                say("viewSees"),
                <>
                  {said(camera, "view", view.text, language)}
                  <br />
                  <span className="quiet">
                    {known
                      ? say("viewTowards", {
                          way: say(`way_${way}` as Key),
                          angle: view.angle ?? "",
                          range: view.range_m ?? "?",
                        })
                      : say("viewUnknown")}
                  </span>
                </>,
              ],
            ]}
          />
          {camera.lat !== null && camera.lon !== null && (
            <ButtonLink to={`/map?at=${camera.lat},${camera.lon}`}>{say("viewOnMap")}</ButtonLink>
          )}
        </div>
      </div>
      <div className="forbidden">
        <h3>{say("forbidden")}</h3>
        {forbidden.length === 0 ? (
          <p>{say("forbiddenNone")}</p>
        ) : (
          <>
            <p>{say("forbiddenLead")}</p>
            <div className="view">
              {outlined.length > 0 && <Hidden zones={outlined} label={say("forbiddenDrawing")} />}
              <ul>
                {forbidden.map((zone) => (
                  <li key={zone.id}>{zone.why}</li>
                ))}
              </ul>
            </div>
          </>
        )}
      </div>
    </Part>
  );
}
