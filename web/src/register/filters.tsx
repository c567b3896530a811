import { type ReactNode, type SubmitEvent, useId } from "react";
import { Button } from "../kit/button";
import { go, Link } from "../kit/router";
import { useSay } from "../kit/settings";
import { FIELDS, type Filter, queryOf } from "./service";
import { purposeKey, useAbout, useNames } from "./shown";
import { words } from "./words";

interface Choice {
  name: "organisation" | "area" | "purpose";
  label: string;
  options: readonly (readonly [string, string])[];
}

/** Search and filters. The address holds them, so that what is found can be sent to somebody. */
export function Filters({ filter, view }: { filter: Filter; view: "list" | "map" }): ReactNode {
  const say = useSay(words);
  const about = useAbout();
  const names = useNames();
  const id = useId();
  const path = view === "map" ? "/map" : "/";
  const choices: Choice[] = [
    {
      name: "organisation",
      label: say("filterOrganisation"),
      options: about.organisations.map((one) => [one.id, names.owner(one.id)]),
    },
    { name: "area", label: say("filterArea"), options: about.areas.map((one) => [one.id, one.name]) },
    {
      name: "purpose",
      label: say("filterPurpose"),
      options: about.purposes.map((one) => [one, say(purposeKey(one))]),
    },
  ];
  const searched = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const q = new FormData(event.currentTarget).get("q");
    go(path + queryOf({ ...filter, q: typeof q === "string" ? q.trim() : "" }));
  };
  return (
    <form className="search" role="search" onSubmit={searched}>
      <div className="search-words">
        <label htmlFor={`${id}-q`}>{say("search")}</label>
        <div className="search-line">
          <input
            key={filter.q}
            id={`${id}-q`}
            name="q"
            type="search"
            defaultValue={filter.q}
            maxLength={100}
          />
          <Button type="submit" look="main">
            {say("searchButton")}
          </Button>
        </div>
      </div>
      {choices.map((choice) => (
        <div key={choice.name} className="search-choice">
          <label htmlFor={`${id}-${choice.name}`}>{choice.label}</label>
          <select
            id={`${id}-${choice.name}`}
            value={filter[choice.name]}
            onChange={(event) => go(path + queryOf({ ...filter, [choice.name]: event.target.value }))}
          >
            <option value="">{say("any")}</option>
            {choice.options.map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        </div>
      ))}
      {FIELDS.some((name) => filter[name]) && (
        <Link to={path} className="search-clear">
          {say("clear")}
        </Link>
      )}
    </form>
  );
}
