import { type Action, copiedTo, type Entry, OURSELVES } from './entry.ts';

/** The trail in the words of others: DICOM audit messages (PS3.15 A.5) and FHIR AuditEvent (R4). Patients are not named: we keep none. */

interface Kind {
  /** Event ID and type (CID 400, 401), scheme DCM. */
  readonly id: readonly [value: string, meaning: string];
  readonly type?: readonly [value: string, meaning: string];
  /** Create, read, update, delete, execute. */
  readonly code: 'C' | 'R' | 'U' | 'D' | 'E';
}

const ACCESSED = ['110103', 'DICOM Instances Accessed'] as const;
const EXPORT = ['110106', 'Export'] as const;
const ALERT = ['110113', 'Security Alert'] as const;

const KINDS: Readonly<Record<Action, Kind>> = {
  'server-started': {
    id: ['110100', 'Application Activity'],
    type: ['110120', 'Application Start'],
    code: 'E',
  },
  'log-in': { id: ['110114', 'User Authentication'], type: ['110122', 'Login'], code: 'E' },
  'log-out': { id: ['110114', 'User Authentication'], type: ['110123', 'Logout'], code: 'E' },
  refused: { id: ALERT, type: ['110132', 'Use of Restricted Function'], code: 'E' },
  'study-read': { id: ACCESSED, code: 'R' },
  'results-stored': { id: ACCESSED, code: 'C' },
  'analysis-failed': { id: ACCESSED, code: 'E' },
  'results-revealed': { id: ACCESSED, code: 'R' },
  assessment: { id: ACCESSED, code: 'U' },
  incident: { id: ACCESSED, code: 'U' },
  exported: { id: EXPORT, code: 'R' },
  copied: { id: EXPORT, code: 'R' },
  'analysis-retried': { id: ACCESSED, code: 'E' },
  'analysis-cancelled': { id: ACCESSED, code: 'E' },
  backfill: { id: ACCESSED, code: 'E' },
  workitem: { id: ACCESSED, code: 'E' },
  'model-changed': { id: ALERT, type: ['110131', 'Software Configuration'], code: 'U' },
  'rules-changed': { id: ALERT, type: ['110131', 'Software Configuration'], code: 'U' },
  'review-plan': { id: ALERT, type: ['110131', 'Software Configuration'], code: 'U' },
  'audit-read': { id: ['110101', 'Audit Log Used'], code: 'R' },
  'audit-pruned': { id: ['110101', 'Audit Log Used'], code: 'D' },
};

/** One AuditMessage element of PS3.15 A.5.1, without the XML declaration. */
export function dicomMessage(entry: Entry): string {
  const { id, type, code } = kindOf(entry);
  const outcome = entry.outcome === 'done' ? 0 : 4;
  return [
    '<AuditMessage>',
    `<EventIdentification EventActionCode="${code}" EventDateTime="${entry.at}" EventOutcomeIndicator="${outcome}">`,
    coded('EventID', id),
    type ? coded('EventTypeCode', type) : '',
    entry.detail ? `<EventOutcomeDescription>${xml(entry.detail)}</EventOutcomeDescription>` : '',
    '</EventIdentification>',
    ...participants(entry),
    '<AuditSourceIdentification AuditSourceID="pellucid"><AuditSourceTypeCode csd-code="4"/></AuditSourceIdentification>',
    entry.study
      ? object(entry.study, coded('ParticipantObjectIDTypeCode', ['110180', 'Study Instance UID']), 3)
      : '',
    entry.object
      ? object(
          entry.object,
          '<ParticipantObjectIDTypeCode csd-code="12" codeSystemName="RFC-3881" originalText="URI"/>',
          13,
        )
      : '',
    '</AuditMessage>',
  ].join('');
}

const kindOf = ({ action }: Entry): Kind => KINDS[action];

const APPLICATION = ['110150', 'Application'] as const;
const SOURCE = ['110153', 'Source Role ID'] as const;
const DESTINATION = ['110152', 'Destination Role ID'] as const;

/** Who asked; of an export also from where and to where (PS3.15 A.5.3.4): another archive, or whoever asked for it. */
function participants(entry: Entry): readonly string[] {
  const isOurs = entry.who === OURSELVES.who;
  const asked = participant(entry, isOurs ? [APPLICATION] : [], true);
  if (kindOf(entry).id !== EXPORT) return [asked];
  const target = copiedTo(entry);
  const destination = target ? { who: target, whoName: target } : entry;
  return [
    ...(isOurs ? [] : [asked]),
    participant(OURSELVES, [SOURCE, APPLICATION], isOurs),
    participant(destination, [DESTINATION], false),
  ];
}

const participant = (
  { who, whoName }: Pick<Entry, 'who' | 'whoName'>,
  roles: readonly (readonly [string, string])[],
  asked: boolean,
): string =>
  `<ActiveParticipant UserID="${xml(who)}" UserName="${xml(whoName)}" UserIsRequestor="${asked}">${roles
    .map((role) => coded('RoleIDCode', role))
    .join('')}</ActiveParticipant>`;

const coded = (element: string, [value, meaning]: readonly [string, string]): string =>
  `<${element} csd-code="${value}" codeSystemName="DCM" originalText="${meaning}"/>`;

const object = (id: string, type: string, role: number): string =>
  `<ParticipantObjectIdentification ParticipantObjectID="${xml(id)}" ParticipantObjectTypeCode="2" ParticipantObjectTypeCodeRole="${role}">${type}</ParticipantObjectIdentification>`;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};
/** Control characters have no place in XML 1.0. */
const xml = (text: string): string =>
  text.replace(/\p{Cc}/gu, ' ').replace(/[&<>"']/g, (c) => ENTITIES[c] as string);

const DCM = 'http://dicom.nema.org/resources/ontology/DCM';

/** One AuditEvent resource of FHIR R4. */
export function fhirEvent(entry: Entry): object {
  const { id, type, code } = kindOf(entry);
  const coding = ([value, display]: readonly [string, string]) => ({ system: DCM, code: value, display });
  return {
    resourceType: 'AuditEvent',
    type: coding(id),
    ...(type ? { subtype: [coding(type)] } : {}),
    action: code,
    recorded: entry.at,
    outcome: entry.outcome === 'done' ? '0' : '4',
    ...(entry.detail ? { outcomeDesc: entry.detail } : {}),
    agent: [{ requestor: true, name: entry.whoName, who: { identifier: { value: entry.who } } }],
    source: { observer: { display: 'pellucid' } },
    entity: [
      ...(entry.study
        ? [{ what: { identifier: { system: 'urn:dicom:uid', value: `urn:oid:${entry.study}` } } }]
        : []),
      ...(entry.object ? [{ what: { identifier: { value: entry.object } } }] : []),
    ],
  };
}
