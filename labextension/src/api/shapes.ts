/** Short names for the generated wire shapes. */
import type { components } from './types';

type Schemas = components['schemas'];

export type Achievement = Schemas['AchievementOut'];
export type Attempt = Schemas['AttemptOut'];
export type AttemptIn = Schemas['AttemptIn'];
export type AttemptKind = Attempt['kind'];
export type AttemptPage = Schemas['AttemptPage'];
export type AttemptSummary = Schemas['AttemptSummary'];
export type Consent = Schemas['ConsentOut'];
export type Course = Schemas['CourseOut'];
export type DifferencePart = Schemas['DifferencePart'];
export type Erasure = Schemas['ErasureOut'];
export type ErrorBody = Schemas['ErrorBody'];
export type ErrorDetail = Schemas['ErrorDetail'];
export type Export = Schemas['ExportOut'];
export type Hint = Schemas['HintOut'];
export type Hints = Schemas['HintsOut'];
export type MessageType = Schemas['TutorMessageOut']['message_type'];
export type MyErasure = Schemas['MyErasure'];
export type MyExport = Schemas['MyExport'];
export type Next = Schemas['NextOut'];
export type Problem = Schemas['ProblemOut'];
export type ProblemNotebook = Schemas['NotebookOut'];
export type ProblemSummary = Schemas['ProblemSummary'];
export type Profile = Schemas['ProfileOut'];
export type Progress = Schemas['ProgressOut'];
export type Section = Schemas['SectionOut'];
export type Stats = Schemas['StatsOut'];
export type Status = Schemas['StatusOut'];
export type TestResult = Schemas['TestResultOut'];
export type TutorDelta = Schemas['TutorDelta'];
export type TutorMessage = Schemas['TutorMessageOut'];
export type TutorMessageIn = Schemas['TutorMessageIn'];
export type TutorPage = Schemas['TutorPage'];
