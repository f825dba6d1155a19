import { type Code, UNITS } from '../dicom/code.ts';

/** Codes that a person may give by their name. Findings and places of the context groups of DICOM, as pydicom lists them. */
const SCT = {
  Pneumonia: '233604007',
  Pneumothorax: '36118008',
  'Pleural effusion': '60046008',
  'Pulmonary edema': '19242006',
  Nodule: '27925004',
  Mass: '118538004',
  Neoplasm: '108369006',
  Hemorrhage: '50960005',
  Cyst: '367643001',
  Edema: '79654002',
  Aneurysm: '85659009',
  Stenosis: '415582006',
  Lesion: '52988006',
  Brain: '12738006',
  Lung: '39607008',
  Heart: '80891009',
  Chest: '51185008',
  Breast: '76752008',
  Liver: '10200004',
  Kidney: '64033007',
  Prostate: '41216001',
  Abdomen: '113345001',
  Spine: '421060004',
  Knee: '72696002',
  Bone: '272673000',
} as const;

const CODE = /^[^|]{1,16}\|[^|]{1,16}\|[^|]{1,64}$/;

/** A code from `value|scheme|meaning`, from one of the names above in any case, or from a unit as it is written; undefined for what is none. */
export function codeFrom(text: string): Code | undefined {
  if (CODE.test(text)) {
    const [value = '', scheme = '', meaning = ''] = text.split('|');
    return { value, scheme, meaning };
  }
  const known = Object.entries(SCT).find(([name]) => name.toLowerCase() === text.trim().toLowerCase());
  const unit = Object.values(UNITS).find(({ value }) => value === text.trim());
  if (unit) return unit;
  return known && { value: known[1], scheme: 'SCT', meaning: known[0] };
}

export const knownNames = Object.keys(SCT).join(', ');
