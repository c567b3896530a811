import { lazy, type ReactNode, Suspense } from "react";
import { ButtonLink } from "../kit/button";
import { fits, useArrival, usePath } from "../kit/router";
import { useSay, useTitle } from "../kit/settings";
import { type Place, Shell } from "../kit/shell";
import { Empty, Pending, ProblemBox } from "../kit/states";
import { useAsked } from "../kit/use-asked";
import { CameraFace } from "./camera/page";
import { Footer } from "./footer";
import { Home } from "./home";
import { about } from "./service";
import { AboutContext } from "./shown";
import { words } from "./words";
import "./register.css";

const FormFace = lazy(() => import("./forms/form"));
const FollowFace = lazy(() => import("./forms/follow"));
const PlansFace = lazy(() => import("./plans/list"));
const PlanFace = lazy(() => import("./plans/plan"));
const ReportsFace = lazy(() => import("./reports"));

type Make = (parts: Record<string, string>) => ReactNode;
const ROUTES: readonly (readonly [string, Make])[] = [
  ["/", () => <Home view="list" />],
  ["/map", () => <Home view="map" />],
  ["/cameras/:id", ({ id = "" }) => <CameraFace key={id} id={id} />],
  ["/plans", () => <PlansFace />],
  ["/plans/:id", ({ id = "" }) => <PlanFace key={id} id={id} />],
  ["/reports", () => <ReportsFace />],
  ["/complain", () => <FormFace key="complaint" kind="complaint" />],
  ["/ask", () => <FormFace key="request" kind="request" />],
  ["/receipt", () => <FollowFace />],
];

function routed(path: string): ReactNode {
  for (const [pattern, make] of ROUTES) {
    const parts = fits(pattern, path);
    if (parts) return make(parts);
  }
  return <Nothing />;
}

/** The public register: everything on it is readable by everybody. */
export function App(): ReactNode {
  const say = useSay(words);
  const path = usePath();
  useArrival(path);
  const whole = useAsked("about", about);
  const places: Place[] = [
    {
      to: "/",
      name: say("navCameras"),
      current: path === "/" || path === "/map" || path.startsWith("/cameras/"),
    },
    { to: "/plans", name: say("navPlans"), current: path.startsWith("/plans") },
    { to: "/reports", name: say("navReports"), current: path === "/reports" },
    { to: "/complain", name: say("navComplain"), current: path === "/complain" },
    { to: "/ask", name: say("navAsk"), current: path === "/ask" },
    { to: "/receipt", name: say("navReceipt"), current: path === "/receipt" },
  ];
  return (
    <Shell
      name={whole.value?.site ?? "Passerby"}
      face={say("face")}
      home="/"
      places={places}
      footer={whole.value && <Footer about={whole.value} />}
    >
      {whole.value?.demo && <p className="demo">{say("demo")}</p>}
      <div className="page">
        {whole.refused && !whole.value && <ProblemBox refused={whole.refused} again={whole.again} />}
        {whole.pending && !whole.value && <Pending />}
        {whole.value && (
          <AboutContext value={whole.value}>
            <Suspense fallback={<Pending />}>{routed(path)}</Suspense>
          </AboutContext>
        )}
      </div>
    </Shell>
  );
}

function Nothing(): ReactNode {
  const say = useSay(words);
  useTitle(say("notFound"));
  return (
    <Empty title={say("notFound")}>
      <p>{say("notFoundHint")}</p>
      <ButtonLink to="/">{say("toList")}</ButtonLink>
    </Empty>
  );
}
