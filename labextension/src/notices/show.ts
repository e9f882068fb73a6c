import { Notification } from '@jupyterlab/apputils';

import type { Deck } from '../panel/deck';
import { streakWords, wordsOf } from './words';

const SHOWN_MS = 6000;

/** Puts what the learner wants to be told into JupyterLab's notifications. */
export function showNotices({ model: { bench }, trans }: Deck): void {
  const { client, course, profile, service } = bench;
  const tell = (words: string | null) => {
    if (words !== null) {
      Notification.info(words, { autoClose: SHOWN_MS });
    }
  };
  bench.notified.connect((_, notice) => tell(wordsOf(notice, profile, course, trans)));

  // Once for each page, as soon as it is known what is wanted.
  const remind = async () => {
    if (profile.profile === null) {
      return;
    }
    profile.stateChanged.disconnect(onProfile);
    if (profile.wants('streaks')) {
      try {
        tell(streakWords(await client.stats(), profile, trans));
      } catch (error) {
        service.note(error);
      }
    }
  };
  const onProfile = () => void remind();
  profile.stateChanged.connect(onProfile);
}
