import dcmjs from 'dcmjs';
import type { DicomJson } from '../../ohif-extension/src/lib/dicom-json.ts';

/** A Part 10 file as DICOM JSON (PS3.18 annex F), by dcmjs: what an archive answers to a question for metadata. */
export function dicomJson(bytes: Uint8Array): DicomJson {
  const { dict } = dcmjs.data.DicomMessage.readFile(bytes.slice().buffer);
  return JSON.parse(JSON.stringify(dict)) as DicomJson;
}

/** Items with this concept name code are removed, everywhere. */
export function without(document: DicomJson, code: string): DicomJson {
  const prune = (dataset: DicomJson): DicomJson =>
    Object.fromEntries(
      Object.entries(dataset).map(([tag, element]) => [
        tag,
        element.vr === 'SQ'
          ? {
              ...element,
              Value: (element.Value as DicomJson[]).filter((item) => codeOf(item) !== code).map(prune),
            }
          : element,
      ]),
    );
  return prune(document);
}

const codeOf = (item: DicomJson): unknown =>
  (item['0040A043']?.Value?.[0] as DicomJson | undefined)?.['00080100']?.Value?.[0];
