import { type ReactNode, useCallback, useEffect, useState } from "react";
import { useSay } from "../kit/settings";
import { words } from "./words";
import { Choices } from "../kit/choices";
import { Board } from "./board";
import { Panel } from "./panel";
import { type Chosen, type Drawing, opened, written } from "./scene";
import { check, type Measures, open, type Opened, Refused, save } from "./service";

const WAIT_MS = 150;

export function Editor(): ReactNode {
  const say = useSay(words);
  const [file, setFile] = useState<Opened | null>(null);
  const [gone, setGone] = useState("");

  useEffect(() => {
    open()
      .then(setFile)
      .catch((error: unknown) => setGone(error instanceof Refused ? error.message : say("editGone")));
    // Asked once; the words of a failure stay in the language it came in.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  if (gone) return <p role="alert">{gone}</p>;
  return file && <Workshop file={file} />;
}

function Workshop({ file }: { file: Opened }): ReactNode {
  const say = useSay(words);
  const [past, setPast] = useState<Drawing[]>([]);
  const [drawing, setDrawing] = useState<Drawing>(() => opened(file.scene));
  const [chosen, setChosen] = useState<Chosen>(null);
  const [revision, setRevision] = useState(file.revision);
  const [kept, setKept] = useState(() => written(opened(file.scene)));
  const [refusal, setRefusal] = useState("");
  const { measures, fault } = useChecked(drawing);
  const unsaved = written(drawing) !== kept;

  const change = useCallback((next: Drawing, remember: Drawing): void => {
    setPast((before) => [...before, remember]);
    setDrawing(next);
    setRefusal("");
  }, []);
  const undo = (): void => {
    const last = past.at(-1);
    if (!last) return;
    setPast(past.slice(0, -1));
    setDrawing(last);
    setChosen(null);
  };
  const keep = async (): Promise<void> => {
    const drawn = written(drawing);
    try {
      setRevision(await save(drawn, revision));
      setKept(drawn);
      setRefusal("");
    } catch (error) {
      setRefusal(error instanceof Refused ? error.message : say("editGone"));
    }
  };
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
    if (unsaved) addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [unsaved]);

  return (
    <main className="editor">
      <header className="editor-head">
        <h1>{say("editTitle", { name: file.name })}</h1>
        <p>{say("editHow")}</p>
        <p className="quiet">{say("editRedacted")}</p>
        <div className="controls">
          <Choices />
        </div>
      </header>
      <Board
        file={file}
        drawing={drawing}
        chosen={chosen}
        ruler={measures?.ruler ?? []}
        preview={setDrawing}
        change={change}
      />
      <div className="editor-side">
        <div className="editor-keep">
          <button type="button" onClick={undo} disabled={past.length === 0}>
            {say("editUndo")}
          </button>
          <button
            type="button"
            className="main"
            onClick={() => void keep()}
            disabled={!unsaved || fault !== ""}
          >
            {say("editSave")}
          </button>
          <p role="status">
            {unsaved ? say("editUnsaved") : revision && say("editSaved", { name: file.name })}
          </p>
        </div>
        <p role="alert" className="message">
          {refusal || (fault && say("editFault", { why: fault }))}
        </p>
        {!fault && <p className="quiet">{say("editGood")}</p>}
        <Panel
          drawing={drawing}
          measures={measures}
          size={file.size}
          chosen={chosen}
          choose={setChosen}
          change={(next) => change(next, drawing)}
        />
      </div>
    </main>
  );
}

/** What the server says of the drawing, asked when it has rested for a moment. */
function useChecked(drawing: Drawing): { measures: Measures | null; fault: string } {
  const say = useSay(words);
  const [said, setSaid] = useState<{ measures: Measures | null; fault: string }>({
    measures: null,
    fault: "",
  });
  useEffect(() => {
    const stop = new AbortController();
    const timer = setTimeout(() => {
      check(written(drawing), stop.signal)
        .then((measures) => setSaid({ measures, fault: "" }))
        .catch((error: unknown) => {
          if (stop.signal.aborted) return;
          setSaid({ measures: null, fault: error instanceof Refused ? error.message : say("editGone") });
        });
    }, WAIT_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [drawing, say]);
  return said;
}
