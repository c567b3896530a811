import type { ReactNode } from "react";
import { ButtonLink } from "../../kit/button";
import { span } from "../../kit/format";
import { Link } from "../../kit/router";
import { useSay, useSettings, useTitle } from "../../kit/settings";
import { Empty, Pending, ProblemBox } from "../../kit/states";
import { useAsked } from "../../kit/use-asked";
import { camera, type CameraPage } from "../service";
import { PhaseTag, said, useAbout } from "../shown";
import { type Key, words } from "../words";
import { Does } from "./does";
import { Numbers } from "./numbers";
import { Papers } from "./papers";
import { Permit } from "./permit";
import { View } from "./view";
import { Why } from "./why";
import { Word } from "./word";

/** A camera's page: where the code on its sign leads to. Made for a phone in the street first. */
export function CameraFace({ id }: { id: string }): ReactNode {
  const found = useAsked(id, (signal) => camera(id, signal));
  if (found.refused?.status === 404 || found.refused?.status === 422) return <NoCamera />;
  if (found.refused) return <ProblemBox refused={found.refused} again={found.again} />;
  if (!found.value) return <Pending />;
  return <Shown page={found.value} />;
}

function NoCamera(): ReactNode {
  const say = useSay(words);
  useTitle(say("notFound"));
  return (
    <Empty title={say("notFound")}>
      <p>{say("notFoundHint")}</p>
      <ButtonLink to="/">{say("toList")}</ButtonLink>
    </Empty>
  );
}

function summary(page: CameraPage): Key {
  const on = (name: string): boolean => page.analyses.some((one) => one.name === name && one.on);
  if (on("seal")) return "sum_seal";
  if (on("record")) return "sum_record";
  return on("live") ? "sum_live" : "sum_counts";
}

const SECTIONS = [
  ["does", "does"],
  ["why", "why"],
  ["view", "view"],
  ["permit", "permit"],
  ["numbers", "numbers"],
  ["word", "word"],
  ["papers", "papers"],
] as const;

function Shown({ page }: { page: CameraPage }): ReactNode {
  const say = useSay(words);
  const about = useAbout();
  const { language } = useSettings();
  const name = said(page.camera, "name", page.camera.name, language);
  const place = said(page.camera, "place", page.camera.place, language);
  useTitle(`${name} · ${about.site}`);
  const kept = span(page.camera.retention_s, language);
  return (
    <article className="camera-page">
      <p className="crumb">
        <Link to="/">{say("navCameras")}</Link> <span aria-hidden="true">/</span> {page.area.name}
      </p>
      <header className="camera-top">
        <div>
          <h1>{name}</h1>
          <p className="camera-place">
            {place} <span className="quiet">· {say("cameraNumber")}</span> <code>{page.camera.id}</code>
          </p>
        </div>
        <p className="camera-state">
          <PhaseTag phase={page.phase} />
          <span className="quiet small">{say(`about_${page.phase}`)}</span>
        </p>
      </header>
      <p className="camera-sum">
        {say(summary(page), { kept })} {page.phase !== "active" && say("sum_not")}
      </p>
      {page.missing.length > 0 && (
        <p className="camera-missing">{say("sum_missing", { fields: page.missing.join(", ") })}</p>
      )}
      <div className="buttons">
        <ButtonLink to={`/complain?camera=${page.camera.id}`} look="main">
          {say("complainAbout")}
        </ButtonLink>
        <ButtonLink to={`/ask?camera=${page.camera.id}`}>{say("askAbout")}</ButtonLink>
      </div>
      <nav className="contents" aria-label={say("onThisPage")}>
        {SECTIONS.map(([id, key]) => (
          <a key={id} href={`#${id}`}>
            {say(key)}
          </a>
        ))}
      </nav>
      <Does page={page} kept={kept} />
      <Why page={page} kept={kept} />
      <View page={page} />
      <Permit page={page} />
      <Numbers page={page} />
      <Word page={page} />
      <Papers page={page} />
    </article>
  );
}
