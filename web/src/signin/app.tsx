import type { ReactNode } from "react";
import { usePath } from "../kit/router";
import { AccountPage } from "./account";
import { EnterPage } from "./enter";
import { SignInPage } from "./sign-in";

/** Three pages: coming in, coming in by a link, one's account. */
export function App(): ReactNode {
  const path = usePath();
  if (path.startsWith("/account")) return <AccountPage />;
  if (path.startsWith("/enter")) return <EnterPage />;
  return <SignInPage />;
}
