/**
 * OHIF's configuration: the archive on our own origin, and the panel. Whatever goes wrong with the panel, the viewer
 * starts without it: a panel is named to the viewer only when its plugin has loaded.
 */
const PLUGIN = '@pellucid/ohif-extension';
const PANEL = `${PLUGIN}.panelModule.explain`;

const base = {
  name: 'pellucid',
  routerBasename: null,
  extensions: [],
  modes: [],
  showStudyList: true,
  maxNumberOfWebWorkers: 2,
  showWarningMessageForCrossOrigin: false,
  showCPUFallbackMessage: true,
  showLoadingIndicator: true,
  strictZSpacingForVolumeViewport: true,
  investigationalUseDialog: { option: 'never' },
  defaultDataSourceName: 'archive',
  dataSources: [
    {
      namespace: '@ohif/extension-default.dataSourcesModule.dicomweb',
      sourceName: 'archive',
      configuration: {
        friendlyName: 'Archive',
        name: 'archive',
        qidoRoot: '/dicom-web',
        wadoRoot: '/dicom-web',
        wadoUriRoot: '/dicom-web',
        qidoSupportsIncludeField: false,
        imageRendering: 'wadors',
        thumbnailRendering: 'wadors',
        enableStudyLazyLoad: true,
        supportsFuzzyMatching: false,
        supportsWildcard: true,
        omitQuotationForMultipartRequest: true,
        bulkDataURI: { enabled: true, relativeResolution: 'studies' },
      },
    },
  ],
  customizationService: { global: { 'ohif.tours': { $set: [] } } },
};

const configure = async ({ peerImport }) => {
  const site = { ...base, ...configure };
  try {
    const { installHostShared } = await import('/pellucid/host-shim.js');
    await installHostShared(peerImport);
    await import('/pellucid/index.umd.js');
    const plugin = window[PLUGIN];
    if (plugin?.id !== PLUGIN) throw new Error(`window["${PLUGIN}"] is not the plugin`);
    const inLayout = await openInViewer(peerImport);
    const modes = inLayout ? ['basic', 'segmentation'] : ['viewer', 'basic', 'segmentation'];
    return {
      ...site,
      extensions: [[plugin, await siteSettings()]],
      modes: await readingMode(peerImport),
      customizationService: { ...site.customizationService, mode: addPanel(modes) },
    };
  } catch (error) {
    console.error('The AI explanation panel was not loaded; the viewer works without it.', error);
    return site;
  }
};

/** Orthanc's OHIF plug-in appends lines that set the data source and the path of its own on this object: they win. */
window.config = configure;

/** What this site has set of the panel (docs/viewer.md); elsewhere write it here. */
const siteSettings = () =>
  fetch('/pellucid/settings.json')
    .then((answer) => (answer.ok ? answer.json() : {}))
    .catch(() => ({}));

/** First among the right panels of the viewer mode, open and wide enough; answers whether that was possible. */
async function openInViewer(peerImport) {
  const props = (await peerImport('@ohif/mode-longitudinal').catch(() => undefined))?.modeInstance
    ?.routes?.[0]?.layoutInstance?.props;
  if (!Array.isArray(props?.rightPanels)) return false;
  props.rightPanels = [PANEL, ...props.rightPanels];
  props.rightPanelClosed = false;
  props.rightPanelInitialExpandedWidth = 372;
  return true;
}

/** The mode "AI reading": the basic one with the panel open and the list of series closed. None where the viewer has no basic mode. */
async function readingMode(peerImport) {
  const basic = await peerImport('@ohif/mode-basic').catch(() => undefined);
  const instance = basic?.modeInstance;
  const [route] = instance?.routes ?? [];
  const props = route?.layoutInstance?.props;
  if (!Array.isArray(props?.rightPanels)) return [];
  const layoutInstance = {
    ...route.layoutInstance,
    props: {
      ...props,
      leftPanelClosed: true,
      rightPanelClosed: false,
      rightPanelInitialExpandedWidth: 372,
      rightPanels: [PANEL, ...props.rightPanels],
    },
  };
  const id = '@pellucid/mode-ai-reading';
  const modeInstance = {
    ...instance,
    id,
    routeName: 'ai-reading',
    displayName: 'AI reading',
    hide: false,
    routes: [{ ...route, path: 'ai-reading', layoutInstance }],
  };
  return [{ ...basic, id, modeInstance }];
}

const addPanel = (modes) =>
  Object.fromEntries(modes.map((mode) => [mode, { rightPanels: { $push: [PANEL] } }]));
