import type { ReactNode } from "react";
import { Link } from "../kit/router";
import { useSay, useSettings } from "../kit/settings";
import type { CameraItem } from "./service";
import { PhaseTag, purposeKey, said, useNames } from "./shown";
import { words } from "./words";

/** A camera in the list: where, whose, what for, what it does. */
export function CameraRow({ item }: { item: CameraItem }): ReactNode {
  const say = useSay(words);
  const { language } = useSettings();
  const names = useNames();
  const place = said(item, "place", item.place, language);
  return (
    <li className="row">
      <div className="row-name">
        <h2>
          <Link to={`/cameras/${item.id}`}>{said(item, "name", item.name, language)}</Link>
        </h2>
        <p className="quiet">{place}</p>
      </div>
      <div className="row-facts">
        <p>{item.analyses.map((name) => say(`analysis_${name}`)).join(" · ")}</p>
        <p className="quiet">
          {item.purposes.map((purpose) => say(purposeKey(purpose))).join(" · ")}
          {item.purposes.length > 0 && " — "}
          {names.owner(item.owner)}
        </p>
      </div>
      <PhaseTag phase={item.phase} />
    </li>
  );
}
