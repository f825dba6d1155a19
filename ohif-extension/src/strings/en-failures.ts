/** What is missing, and what to do then: an archive, or a server of ours, that does not answer, answers late, or in part. */
export const EN_FAILURES = {
  slow: 'The archive takes its time. Keep reading: results appear here.',
  priorsSlow: 'Earlier studies of this patient: the archive has not answered yet.',
  priorsPart: 'Not all earlier studies of this patient could be asked.',
  missing: {
    title: (count: number) =>
      count === 1 ? 'One report could not be read' : `${count} reports could not be read`,
    text: 'What is shown may not be the newest, or may have been rejected since.',
  },
  stale: {
    title: 'The archive did not answer again',
    text: 'This is what it held before: there may be a newer result, or an assessment.',
  },
  newer: {
    title: 'A newer result is here',
    text: 'Your work on this one is not signed. Sign or discard it; then the newer one is shown.',
  },
  offers: 'The server did not answer. Close this and open it to ask again.',
  sending: {
    unknown: 'No answer came: it may be saved. Sign again; it is never saved twice.',
    signedOut: 'Not saved: your session has ended. Log in, then sign here; what you wrote stays.',
    leave: 'Your assessment is still being saved. Leave, and perhaps lose it?',
  },
} as const;
