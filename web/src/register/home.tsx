import { lazy, type ReactNode, Suspense, useState } from "react";
import { ButtonLink } from "../kit/button";
import { Refused } from "../kit/fetch";
import { number } from "../kit/format";
import { Pager } from "../kit/pager";
import { Link, useQuery } from "../kit/router";
import { useSay, useSettings, useTitle } from "../kit/settings";
import { Empty, Pending, ProblemBox } from "../kit/states";
import { useAsked } from "../kit/use-asked";
import { CameraRow } from "./camera-row";
import { Filters } from "./filters";
import { cameras, type CameraList, type Filter, FIELDS, filterOf, queryOf } from "./service";
import { PhaseStrip } from "./phase-strip";
import { useAbout } from "./shown";
import { words } from "./words";

const MapView = lazy(() => import("./map/view"));

/** All cameras, as a list or on a map: either is whole without the other. */
export function Home({ view }: { view: "list" | "map" }): ReactNode {
  const say = useSay(words);
  const about = useAbout();
  const { language } = useSettings();
  const filter = filterOf(useQuery());
  const registered = Object.entries(about.totals).reduce(
    (sum, [phase, count]) => sum + (phase === "removed" ? 0 : count),
    0,
  );
  const title =
    registered === 0
      ? say("homeTitleNone")
      : registered === 1
        ? say("homeTitleOne")
        : say("homeTitle", { n: number(registered, language) });
  useTitle(`${say("navCameras")} · ${about.site}`);
  return (
    <>
      <header className={view === "map" ? "lead lead-small" : "lead"}>
        <h1>
          <Phrases text={title} />
        </h1>
        {registered > 0 && view === "list" && <p>{say("homeLead")}</p>}
      </header>
      <Filters filter={filter} view={view} />
      <PhaseStrip filter={filter} view={view} />
      <div className="views">
        <nav className="switch" aria-label={say("views")}>
          <Link to={`/${queryOf(filter)}`} current={view === "list"}>
            {say("asList")}
          </Link>
          <Link to={`/map${queryOf(filter)}`} current={view === "map"}>
            {say("asMap")}
          </Link>
        </nav>
        <a href={`/api/v1/register/export.csv${queryOf(filter)}`}>{say("csv")}</a>
      </div>
      {view === "list" ? (
        <List key={queryOf(filter)} filter={filter} />
      ) : (
        <Suspense fallback={<Pending what={say("mapLoading")} />}>
          <MapView filter={filter} />
        </Suspense>
      )}
    </>
  );
}

/** A heading that breaks after its marks where it can: scripts without spaces would break within words. */
function Phrases({ text }: { text: string }): ReactNode {
  return text.split(/(?<=[，。；])/).map((phrase) => (
    <span key={phrase} className="phrase">
      {phrase}
    </span>
  ));
}

function List({ filter }: { filter: Filter }): ReactNode {
  const say = useSay(words);
  const { language } = useSettings();
  const first = useAsked(queryOf(filter), (signal) => cameras(filter, null, signal));
  const [more, setMore] = useState<readonly CameraList[]>([]);
  const [busy, setBusy] = useState(false);
  const [stuck, setStuck] = useState<Refused | null>(null);
  if (first.refused) return <ProblemBox refused={first.refused} again={first.again} />;
  if (!first.value) return <Pending what={say("loadingCameras")} />;
  const pages = [first.value, ...more];
  const items = pages.flatMap((page) => page.items);
  const next = pages.at(-1)?.next;
  if (items.length === 0) return <NoCamera filter={filter} />;
  const onward = async (): Promise<void> => {
    setBusy(true);
    setStuck(null);
    try {
      const page = await cameras(filter, next ?? null);
      setMore([...more, page]);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      setStuck(error);
    } finally {
      setBusy(false);
    }
  };
  const total = first.value.total;
  return (
    <section aria-label={say("asList")}>
      <p className="found" role="status">
        {total === 1 ? say("foundOne") : say("found", { n: number(total, language) })}
      </p>
      <ul className="rows">
        {items.map((item) => (
          <CameraRow key={item.id} item={item} />
        ))}
      </ul>
      {stuck && <ProblemBox refused={stuck} />}
      <Pager shown={items.length} of={total} more={next ? () => void onward() : undefined} busy={busy} />
    </section>
  );
}

function NoCamera({ filter }: { filter: Filter }): ReactNode {
  const say = useSay(words);
  const filtered = FIELDS.some((name) => filter[name]);
  return filtered ? (
    <Empty title={say("foundNone")}>
      <p>{say("foundNoneHint")}</p>
      <ButtonLink to="/">{say("clear")}</ButtonLink>
    </Empty>
  ) : (
    <Empty title={say("emptyRegister")}>
      <p>{say("emptyRegisterHint")}</p>
    </Empty>
  );
}
