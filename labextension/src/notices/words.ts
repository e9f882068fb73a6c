import type { TranslationBundle } from '@jupyterlab/translation';

import type { Notice } from '../api/events';
import type { Stats } from '../api/shapes';
import type { CourseModel } from '../course/model';
import type { ProfileModel } from '../profile/model';

type Profile = Pick<ProfileModel, 'wants'>;
type Course = Pick<CourseModel, 'current' | 'problem'>;

/** What to tell of an event to a learner who did not ask; null: nothing, or it is not wanted. */
export function wordsOf(
  notice: Notice,
  profile: Profile,
  course: Course,
  trans: TranslationBundle
): string | null {
  switch (notice.event) {
    case 'attempt.graded': {
      const { problem, status } = notice.data;
      if (!profile.wants('verdicts') || course.current === problem) {
        return null;
      }
      const title = course.problem(problem)?.title ?? problem;
      return status === 'passed'
        ? trans.__('“%1” was graded: all tests passed.', title)
        : trans.__('“%1” was graded: not all tests passed yet.', title);
    }
    case 'achievement.earned':
      return profile.wants('achievements')
        ? trans.__('%1: %2', notice.data.title, notice.data.description)
        : null;
    default:
      return null;
  }
}

/** That today is the last day to go on with a streak. */
export function streakWords(
  stats: Stats,
  profile: Profile,
  trans: TranslationBundle
): string | null {
  const { streak_days: days, active_today: done } = stats;
  if (!profile.wants('streaks') || !days || done) {
    return null;
  }
  return trans._n(
    'You were active yesterday. Solve something today, and it is a streak.',
    'Your streak of %1 days goes on if you solve something today.',
    days
  );
}
