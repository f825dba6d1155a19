"""server/deidentify/basic-profile.ts: the column "Basic Prof." of PS3.15 Table E.1-1, edition 2026c.

Needs `pip install dicom-anonymizer==2.1.0 pydicom`, whose lists are generated from the standard; by hand, when an edition is taken over:
`python test/oracle/basic_profile.py > server/deidentify/basic-profile.ts`.
"""

from dicomanonymizer.dicom_anonymization_databases import dicomfields_2026c as table
from pydicom.datadict import keyword_for_tag

COLUMN = {
    "D": table.D_TAGS,
    "Z": table.Z_TAGS,
    "X": table.X_TAGS,
    "U": table.U_TAGS,
    "Z/D": table.Z_D_TAGS,
    "X/Z": table.X_Z_TAGS,
    "X/D": table.X_D_TAGS,
    "X/Z/D": table.X_Z_D_TAGS,
    "X/Z/U*": table.X_Z_U_STAR_TAGS,
}

print("/**")
print(" * What the Basic Application Level Confidentiality Profile does with each attribute (PS3.15 Table E.1-1, edition 2026c), by tag. Made by")
print(" * test/oracle/basic_profile.py. Curves (50xx) and overlays (60xx) are not listed: our reader never reads them.")
print(" */")
print("export const BASIC_PROFILE = {")
rows = [(group, element, action) for action, tags in COLUMN.items() for tag in tags if len(tag) == 2 for group, element in [tag]]
for group, element, action in sorted(rows):
    keyword = keyword_for_tag((group, element))
    print(f"  '{group:04X}{element:04X}': '{action}'," + (f" // {keyword}" if keyword else ""))
print("} as const;")
print("export type ProfileAction = (typeof BASIC_PROFILE)[keyof typeof BASIC_PROFILE];")
