import { useEffect, useState } from 'react';

/** Whole seconds until a moment; calls `done` once when it has come. */
export function useCountdown(moment: string | null, done: () => void): number | null {
  const [now, setNow] = useState(() => Date.now());
  const left = moment === null ? null : Math.ceil((Date.parse(moment) - now) / 1000);
  const running = left !== null && left > 0;
  useEffect(() => {
    if (!running) {
      return;
    }
    const timer = window.setInterval(() => setNow(Date.now()), 1000);
    return () => window.clearInterval(timer);
  }, [running]);
  useEffect(() => {
    if (moment === null) {
      return;
    }
    // A little late on purpose: the server's clock decides.
    const wait = Math.max(Date.parse(moment) - Date.now(), 0) + 500;
    const timer = window.setTimeout(done, wait);
    return () => window.clearTimeout(timer);
    // `done` is another function at each rendering but always means the same.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [moment]);
  return running ? left : null;
}
