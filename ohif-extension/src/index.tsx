import { name as id } from '../package.json';
import { COMPARE, compareProtocol } from './hanging-protocol.ts';
import type { ExtensionParameters, Host } from './host.ts';
import { addIcon, hasIcon, TAB_ICON } from './host-icon.tsx';
import { inOwnRoot, isOnOwnReact } from './own-root.ts';
import { ExplainPanel } from './panels/explain-panel.tsx';
import { SafePanel } from './panels/safe-panel.tsx';
import { STRINGS } from './strings.ts';
import { injectStyle } from './styles/inject.ts';

/** An OHIF extension, loaded at run time as a UMD bundle; its id is the library's and the package's name. */
export default {
  id,
  preRegistration: () => {
    injectStyle();
    addIcon();
  },
  getHangingProtocolModule: () => [{ name: COMPARE, protocol: compareProtocol(STRINGS.priors.protocol) }],
  getPanelModule: (parameters: ExtensionParameters) => {
    const host = hostOf(parameters);
    const panel = () => (
      <SafePanel>
        <ExplainPanel host={host} />
      </SafePanel>
    );
    return [
      {
        name: 'explain',
        iconName: hasIcon() ? TAB_ICON : 'tab-patient-info',
        iconLabel: STRINGS.panel,
        label: STRINGS.panel,
        component: isOnOwnReact() ? inOwnRoot(panel) : panel,
      },
    ];
  },
};

const hostOf = ({
  servicesManager,
  commandsManager,
  extensionManager,
  configuration = {},
}: ExtensionParameters): Host => ({
  services: servicesManager.services,
  runCommand: (name, options) => commandsManager.runCommand(name, options),
  settings: { server: '', readFirst: false, focusKey: 'Alt+P', ...configuration },
  readSeries: async (StudyInstanceUID, seriesInstanceUID) => {
    const [source] = extensionManager?.getActiveDataSource?.() ?? [];
    const { name } = extensionManager?.getActiveDataSourceDefinition?.()?.configuration ?? {};
    // OHIF 3.13 keeps what it once read of a study under another name than the one that it forgets by.
    const forget = () => {
      for (const known of [StudyInstanceUID, `${name}:${StudyInstanceUID}`])
        source?.deleteStudyMetadataPromise?.(known);
    };
    forget();
    await source?.retrieve?.series?.metadata?.({ StudyInstanceUID, filters: { seriesInstanceUID } });
    forget();
  },
  get dicomWebRoot() {
    return extensionManager?.getActiveDataSourceDefinition?.()?.configuration?.wadoRoot ?? '/dicom-web';
  },
});
