/** The emulator's own time of day: the machine's, shifted. */
export interface EmulatorClock {
  /** UTC milliseconds. */
  readonly nowMs: () => number;
  /** Shifts the clock so that it shows this instant now; it keeps running. */
  readonly set: (instantMs: number) => void;
}

/** @param machineMs the machine's time of day, UTC milliseconds */
export function createClock(machineMs: () => number): EmulatorClock {
  let offsetMs = 0;
  return {
    nowMs: () => machineMs() + offsetMs,
    set: (instantMs) => {
      offsetMs = instantMs - machineMs();
    },
  };
}
