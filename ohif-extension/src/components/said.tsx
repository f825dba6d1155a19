import { createContext, type ReactNode, useContext } from 'react';

/** Of the report that is shown, RFC 5646; undefined where it does not say. */
export const ReportLanguage = createContext<string | undefined>(undefined);

/** Words of a report, in its language: the panel's own are in the reader's (WCAG 3.1.2). */
export const Said = ({ children, className }: { children: ReactNode; className?: string }) => (
  <span className={className} lang={useContext(ReportLanguage)}>
    {children}
  </span>
);
