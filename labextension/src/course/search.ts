import type { ProblemSummary, Section } from '../api/shapes';

/** Whether every word of the search is found in the problem's title, section or domain. */
export function matches(problem: ProblemSummary, section: Section, search: string): boolean {
  const words = search.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const text = [problem.title, section.name, problem.domain].join(' ').toLocaleLowerCase();
  return words.every(word => text.includes(word));
}
