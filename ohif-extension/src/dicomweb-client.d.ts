/** The part of the DICOMweb client that the panel uses; the package has no types. */
declare module 'dicomweb-client' {
  type Instance = Readonly<Record<string, { readonly vr?: string; readonly Value?: readonly unknown[] }>>;
  interface InstanceOptions {
    readonly studyInstanceUID: string;
    readonly seriesInstanceUID: string;
    readonly sopInstanceUID: string;
  }
  class DICOMwebClient {
    constructor(options: {
      readonly url: string;
      readonly headers?: Record<string, string>;
      readonly verbose?: boolean;
      /** Hears of each failure before who asked does. */
      readonly errorInterceptor?: (error: Error & { readonly status?: number }) => void;
      readonly requestHooks?: readonly ((request: XMLHttpRequest, metadata: unknown) => XMLHttpRequest)[];
    });
    searchForStudies(options: {
      readonly queryParams: Readonly<Record<string, string>>;
    }): Promise<readonly Instance[]>;
    searchForSeries(options: {
      readonly studyInstanceUID: string;
      readonly queryParams?: Readonly<Record<string, string>>;
    }): Promise<readonly Instance[]>;
    searchForInstances(
      options: Omit<InstanceOptions, 'sopInstanceUID'> & {
        readonly queryParams?: Readonly<Record<string, string>>;
      },
    ): Promise<readonly Instance[]>;
    retrieveSeriesMetadata(options: Omit<InstanceOptions, 'sopInstanceUID'>): Promise<readonly Instance[]>;
    retrieveInstanceMetadata(options: InstanceOptions): Promise<readonly Instance[]>;
    retrieveInstance(options: InstanceOptions): Promise<ArrayBuffer>;
    retrieveInstanceFrames(
      options: InstanceOptions & {
        readonly frameNumbers: readonly number[];
        readonly mediaTypes: readonly { readonly mediaType: string; readonly transferSyntaxUID: string }[];
      },
    ): Promise<readonly ArrayBuffer[]>;
  }
  export const api: { readonly DICOMwebClient: typeof DICOMwebClient };
}
