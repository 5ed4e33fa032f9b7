import { xmlText } from './xlsx-values.ts';

export const xmlHead = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
export const mainNamespace = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';

/** Indexes of `cellXfs` in the style part. */
export const styleOf = {
  plain: 0,
  header: 1,
  date: 2,
  timestamp: 3,
  decimal: 4,
  wrapped: 5,
  label: 6,
  headerOfNumbers: 7,
  flag: 8,
} as const;

export interface SheetEntry {
  readonly name: string;
  /** Its first line has the titles of columns. */
  readonly isTable: boolean;
}

/**
 * Everything of a workbook but its sheets: what they are called, in which order they stand, and how cells look.
 *
 * @param moreTypes content types of parts beyond these and the sheets
 */
export function workbookParts(
  sheets: readonly SheetEntry[],
  moreTypes: string,
): readonly (readonly [path: string, xml: string])[] {
  const relationships = 'http://schemas.openxmlformats.org/package/2006/relationships';
  const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
  const types = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
  const stylesId = sheets.length + 1;
  const overrides = sheets.map(
    (_, index) => `<Override PartName="/xl/worksheets/sheet${index + 1}.xml" ContentType="${types}.worksheet+xml"/>`,
  );
  const entries = sheets.map(
    ({ name }, index) => `<sheet name="${name}" sheetId="${index + 1}" r:id="rId${index + 1}"/>`,
  );
  const links = sheets.map(
    (_, index) =>
      `<Relationship Id="rId${index + 1}" Type="${office}/worksheet" Target="worksheets/sheet${index + 1}.xml"/>`,
  );
  // Every printed page has the titles of the columns.
  const printTitles = sheets.map(({ name, isTable }, index) =>
    isTable
      ? `<definedName name="_xlnm.Print_Titles" localSheetId="${index}">${xmlText(`'${name}'!$1:$1`)}</definedName>`
      : '',
  );
  return [
    [
      '[Content_Types].xml',
      `${xmlHead}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${types}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="${types}.styles+xml"/>${overrides.join('')}${moreTypes}</Types>`,
    ],
    [
      '_rels/.rels',
      `${xmlHead}<Relationships xmlns="${relationships}"><Relationship Id="rId1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    ],
    [
      'xl/workbook.xml',
      `${xmlHead}<workbook xmlns="${mainNamespace}" xmlns:r="${office}"><sheets>${entries.join('')}</sheets><definedNames>${printTitles.join('')}</definedNames></workbook>`,
    ],
    [
      'xl/_rels/workbook.xml.rels',
      `${xmlHead}<Relationships xmlns="${relationships}">${links.join('')}<Relationship Id="rId${stylesId}" Type="${office}/styles" Target="styles.xml"/></Relationships>`,
    ],
    ['xl/styles.xml', stylesXml],
  ];
}

const font = (bold: string) => `<font>${bold}<sz val="11"/><name val="Calibri"/></font>`;
const top = (more = '') => `<alignment vertical="top"${more}/>`;
const format = (numFmtId: number) =>
  `<xf numFmtId="${numFmtId}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyAlignment="1">${top()}</xf>`;
const text = (fontId: number, fillId: number, borderId: number, alignment: string) =>
  `<xf numFmtId="0" fontId="${fontId}" fillId="${fillId}" borderId="${borderId}" xfId="0" applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1">${alignment}</xf>`;

/** In the order of `styleOf`; 164 is a day, 165 an instant to the second, 166 a decimal with two places and up to the six it may have,
 * 167 a flag, which LibreOffice shows as a number without it. */
const stylesXml =
  `${xmlHead}<styleSheet xmlns="${mainNamespace}">` +
  '<numFmts count="4"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/><numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/><numFmt numFmtId="166" formatCode="#,##0.00####"/><numFmt numFmtId="167" formatCode="&quot;TRUE&quot;;&quot;TRUE&quot;;&quot;FALSE&quot;"/></numFmts>' +
  `<fonts count="2">${font('')}${font('<b/>')}</fonts>` +
  '<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill><fill><patternFill patternType="solid"><fgColor rgb="FFE7EDF3"/><bgColor indexed="64"/></patternFill></fill></fills>' +
  '<borders count="2"><border><left/><right/><top/><bottom/><diagonal/></border><border><left/><right/><top/><bottom style="thin"><color rgb="FF7F8C99"/></bottom><diagonal/></border></borders>' +
  '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" applyAlignment="1"><alignment vertical="top"/></xf></cellStyleXfs>' +
  `<cellXfs count="9">${text(0, 0, 0, top())}${text(1, 2, 1, top())}${format(164)}${format(165)}${format(166)}${text(0, 0, 0, top(' wrapText="1"'))}${text(1, 0, 0, top())}${text(1, 2, 1, top(' horizontal="right"'))}${format(167)}</cellXfs>` +
  '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>';
