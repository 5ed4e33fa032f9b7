import type { Terminal } from '../terminal.ts';

/** A line on standard error for work that takes a while; silent for the first second and when nobody watches. */
export interface Progress {
  /** Takes the line away. */
  end(): void;
}

const quietMs = 1_000;
const redrawMs = 200;
const eraseLine = '\r\u001b[2K';

export function showProgress(terminal: Terminal, describe: (elapsedSeconds: number) => string): Progress {
  if (!terminal.isErrTty) return { end() {} };
  const startMs = performance.now();
  let isShown = false;
  const timer = setInterval(() => {
    const elapsedMs = performance.now() - startMs;
    if (elapsedMs < quietMs) return;
    isShown = true;
    terminal.noteRaw(`${eraseLine}${describe(Math.floor(elapsedMs / 1_000))}`);
  }, redrawMs);
  timer.unref();
  return {
    end() {
      clearInterval(timer);
      if (isShown) terminal.noteRaw(eraseLine);
      isShown = false;
    },
  };
}
