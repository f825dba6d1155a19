/** The one error class of the product, and the table that says what each fault means for the operator. */

export interface FaultSpec {
  /** May the same work succeed later, unchanged? */
  readonly retry: boolean;
  /** HTTP status when the fault answers a request. */
  readonly status: number;
  /** What the operator does next, in one sentence. */
  readonly action: string;
}

export const FAULTS = {
  CONFIG_INVALID: {
    retry: false,
    status: 500,
    action: 'Correct the named settings and start again.',
  },
  ADDRESS_UNAVAILABLE: {
    retry: false,
    status: 500,
    action:
      'Stop the program that listens there (a Pellucid that runs already?), or set PORT and HOST to an address that is free, then start again.',
  },
  SERVER_UNREACHABLE: {
    retry: true,
    status: 502,
    action: 'Start the server, or correct HOST and PORT; where people log in, set PELLUCID_KEY.',
  },
  WORKITEM_CONFLICT: {
    retry: false,
    status: 409,
    action: 'Retrieve the workitem: its state, or who has it, is another than the request takes it to be.',
  },
  BACKFILL_FAILED: {
    retry: false,
    status: 502,
    action: 'Mend what the message says, then: pellucid backfill resume <id>.',
  },
  RULES_INVALID: {
    retry: false,
    status: 422,
    action: 'Correct the rule file as the message says; the rules before it stay in force.',
  },
  NOT_FOUND: {
    retry: false,
    status: 404,
    action: 'Check the address or the identifier.',
  },
  REQUEST_INVALID: {
    retry: false,
    status: 400,
    action: 'Correct the request as the message says.',
  },
  HOOK_UNSIGNED: {
    retry: false,
    status: 401,
    action: 'Give Orthanc and Pellucid the same HOOK_SECRET, and set both clocks.',
  },
  LOG_IN_NEEDED: {
    retry: false,
    status: 401,
    action: 'Log in, or send a key or token that counts.',
  },
  ACCESS_DENIED: {
    retry: false,
    status: 403,
    action: 'Ask whoever runs Pellucid at your site for the role that this needs.',
  },
  READING_REFUSED: {
    retry: false,
    status: 409,
    action: 'Open the case again: it was signed meanwhile; your own reading can be amended.',
  },
  TOO_MANY_REQUESTS: {
    retry: true,
    status: 429,
    action: 'Wait a minute, then try again.',
  },
  IDENTITY_UNREACHABLE: {
    retry: true,
    status: 503,
    action: 'Check that the identity provider runs and that OIDC_ISSUER is right.',
  },
  AUDIT_BROKEN: {
    retry: false,
    status: 500,
    action:
      'Compare the trail with its last back-up and the hash that was kept elsewhere: someone changed it.',
  },
  QUEUE_STOPPED: {
    retry: true,
    status: 503,
    action:
      'See the operator’s page for what is at work; start `pellucid work` where no worker runs, or add one.',
  },
  ALERT_REFUSED: {
    retry: true,
    status: 502,
    action: 'Check ALERT_WEBHOOK and what its receiver says; the alert itself stands in the log.',
  },
  ARCHIVE_UNREACHABLE: {
    retry: true,
    status: 502,
    action:
      'Check that the archive runs and that ORTHANC_URL is right; work goes on by itself when it answers.',
  },
  ARCHIVE_REFUSED: {
    retry: false,
    status: 502,
    action: 'Read the archive’s answer in the message; check its permissions and its log.',
  },
  RETRIEVE_INCOMPLETE: {
    retry: true,
    status: 502,
    action: 'Compare the instance counts in the archive; resend the study if they differ.',
  },
  RETRIEVE_TRUNCATED: {
    retry: true,
    status: 502,
    action: 'The archive’s answer ended early; it is asked again. If it persists, check the network.',
  },
  DICOM_UNREADABLE: {
    retry: false,
    status: 422,
    action: 'The stored file is damaged; resend it from the modality.',
  },
  PIXELS_TRUNCATED: {
    retry: false,
    status: 422,
    action: 'The image holds fewer pixels than its header says; resend it from the modality.',
  },
  PIXELS_UNSUPPORTED: {
    retry: false,
    status: 422,
    action: 'This kind of pixel data is not read yet; no result is made for this series.',
  },
  TRANSFER_SYNTAX_UNSUPPORTED: {
    retry: false,
    status: 422,
    action: 'Let the archive keep an uncompressed or JPEG-LS copy of the series.',
  },
  GEOMETRY_AMBIGUOUS: {
    retry: false,
    status: 422,
    action: 'Send the series as one regular stack of slices; the message says what does not fit.',
  },
  PATIENT_MIXED: {
    retry: false,
    status: 422,
    action: 'The series names more than one patient or study; correct it in the archive first.',
  },
  MODEL_PACKAGE_INVALID: {
    retry: false,
    status: 500,
    action: 'Correct model.yaml as the message says; the model does not run until then.',
  },
  MODEL_NOT_ACCEPTED: {
    retry: false,
    status: 409,
    action:
      'Read which checks failed in acceptance.json; correct the package or leave it out, then check it again.',
  },
  MODEL_FILE_INVALID: {
    retry: false,
    status: 422,
    action:
      'The ONNX file is damaged or asks for what cannot be run: get it anew from its maker, or export it again.',
  },
  MODEL_INPUT_MISMATCH: {
    retry: false,
    status: 422,
    action: 'Correct the input or output names and shapes in model.yaml; the ONNX file declares others.',
  },
  MODEL_REFUSES_SERIES: {
    retry: false,
    status: 422,
    action: 'The model’s package does not take such a series, as the message says; no result is made for it.',
  },
  MODEL_RUN_FAILED: {
    retry: false,
    status: 500,
    action: 'Run the model check; if it passes, send the study’s identifier to the model’s maker.',
  },
  VJP_MISSING: {
    retry: false,
    status: 422,
    action:
      'The model holds an operator without a gradient rule; use a method that needs none, or report the operator.',
  },
  MODEL_NOT_TILEABLE: {
    retry: false,
    status: 422,
    action:
      'The model reads more than a neighbourhood for each voxel, as the message says; explain the volume whole, or a part of it.',
  },
  EXPLANATION_UNFAITHFUL: {
    retry: false,
    status: 500,
    action:
      'The explanation does not add up to the model’s score, so nothing was stored; check the model package.',
  },
  ENCODE_INVALID: {
    retry: false,
    status: 500,
    action: 'A value does not fit its DICOM attribute; report this with the analysis identifier.',
  },
  COPY_REFUSED: {
    retry: false,
    status: 422,
    action:
      'Nothing of the series left. Keep such images from the rule that copies, or have the archive clean them, then send the series again.',
  },
  STORE_REFUSED: {
    retry: false,
    status: 502,
    action: 'The archive refused an object; read its reason in the message and in its log.',
  },
  STORE_UNCONFIRMED: {
    retry: true,
    status: 502,
    action: 'The archive does not list an object that it accepted; storing is tried again.',
  },
  WORKER_DIED: {
    retry: true,
    status: 500,
    action: 'The process that did the work ended; it is tried again. If it persists, check the memory limit.',
  },
  WORKER_TIMEOUT: {
    retry: false,
    status: 500,
    action: 'The work took longer than JOB_TIMEOUT_MS; raise it or use a faster machine.',
  },
  INTERNAL: {
    retry: true,
    status: 500,
    action: 'An unexpected error: see the log for the analysis identifier, and report it.',
  },
} as const satisfies Record<string, FaultSpec>;

export type FaultCode = keyof typeof FAULTS;

/**
 * What stages throw. The detail carries UIDs, never patient names or IDs. jobs/ and the HTTP error handler read
 * `spec` to retry, park or answer.
 */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: FaultCode;
  readonly detail: string;

  constructor(code: FaultCode, detail: string, options?: ErrorOptions) {
    super(`${code}: ${detail}`, options);
    this.code = code;
    this.detail = detail;
  }

  get spec(): FaultSpec {
    return FAULTS[this.code];
  }
}

/** Any thrown thing as a Fault; what is not one becomes INTERNAL with its message. */
export function asFault(thrown: unknown): Fault {
  if (thrown instanceof Fault) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new Fault('INTERNAL', message, { cause: thrown });
}
