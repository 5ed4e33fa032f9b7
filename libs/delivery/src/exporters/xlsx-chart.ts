import type { ChartData } from './chart-data.ts';
import { colours } from './chart-svg.ts';
import { captionOf } from './chart-caption.ts';
import { mainNamespace, styleOf, xmlHead } from './xlsx-parts.ts';
import { columnName, xmlText } from './xlsx-values.ts';

const relationships = 'http://schemas.openxmlformats.org/package/2006/relationships';
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const drawingMain = 'http://schemas.openxmlformats.org/drawingml/2006/main';
const chartNamespace = 'http://schemas.openxmlformats.org/drawingml/2006/chart';

/**
 * Sheet "Chart": the chart, and below it the sums that it is drawn of as a table.
 *
 * @param number of the sheet in the workbook, from 1
 * @returns parts of the file by their paths, the sheet's own first
 */
export function chartParts(data: ChartData, number: number): readonly (readonly [path: string, xml: string])[] {
  const link = (type: string, target: string) =>
    `${xmlHead}<Relationships xmlns="${relationships}"><Relationship Id="rId1" Type="${office}/${type}" Target="${target}"/></Relationships>`;
  return [
    [`xl/worksheets/sheet${number}.xml`, sheetXml(data)],
    [`xl/worksheets/_rels/sheet${number}.xml.rels`, link('drawing', '../drawings/drawing1.xml')],
    ['xl/drawings/drawing1.xml', drawingXml(data)],
    ['xl/drawings/_rels/drawing1.xml.rels', link('chart', '../charts/chart1.xml')],
    ['xl/charts/chart1.xml', chartXml(data)],
  ];
}

/** Content types of the parts that are no sheets. */
export const chartOverrides =
  '<Override PartName="/xl/drawings/drawing1.xml" ContentType="application/vnd.openxmlformats-officedocument.drawing+xml"/>' +
  '<Override PartName="/xl/charts/chart1.xml" ContentType="application/vnd.openxmlformats-officedocument.drawingml.chart+xml"/>';

/** A series without a name is the only one. */
const namesOf = ({ series, chart }: ChartData) => series.map((name) => (name === '' ? (chart.value ?? 'rows') : name));

/** Rows of the sheet that the chart covers: bars that lie need some for each. */
const chartRows = ({ chart, categories }: ChartData) =>
  chart.unit === null ? Math.max(16, categories.length * 2 + 8) : 22;
/** Categories whose chart and table can be read on one page together. */
const onePage = 40;
/** Row of the table's titles. */
const headerRow = (data: ChartData) => chartRows(data) + 2;

function sheetXml(data: ChartData): string {
  const { categories, chart } = data;
  const text = (place: string, value: string, style: number) =>
    `<c r="${place}" t="inlineStr" s="${style}"><is><t xml:space="preserve">${xmlText(value)}</t></is></c>`;
  const top = headerRow(data);
  const header = [chart.by, ...namesOf(data)].map((name, at) =>
    text(`${columnName(at)}${top}`, name, at === 0 ? styleOf.header : styleOf.headerOfNumbers),
  );
  const isWhole = categories.every(({ values }) => values.every((value) => Number.isInteger(rounded(value))));
  const style = isWhole ? styleOf.plain : styleOf.decimal;
  const lines = categories.map(({ label, values }, index) => {
    const line = top + 1 + index;
    const cells = values.map(
      (value, at) => `<c r="${columnName(at + 1)}${line}" s="${style}"><v>${rounded(value)}</v></c>`,
    );
    return `<row r="${line}">${text(`A${line}`, label, styleOf.plain)}${cells.join('')}</row>`;
  });
  const labelWidth = Math.min(50, Math.max(12, ...categories.map(({ label }) => label.length + 2)));
  const widths = namesOf(data).map((name) => Math.max(12, Math.ceil(name.length * 1.1) + 2));
  const cols = [labelWidth, ...widths].map(
    (width, at) => `<col min="${at + 1}" max="${at + 1}" width="${width}" customWidth="1"/>`,
  );
  return (
    `${xmlHead}<worksheet xmlns="${mainNamespace}" xmlns:r="${office}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>` +
    `<cols>${cols.join('')}</cols><sheetData><row r="${top}">${header.join('')}</row>${lines.join('')}</sheetData>` +
    `<pageSetup paperSize="9" orientation="landscape" fitToWidth="1" fitToHeight="${categories.length > onePage ? 0 : 1}"/><drawing r:id="rId1"/></worksheet>`
  );
}

/** Sums of decimals have digits of binary behind them that nobody wrote. */
const rounded = (value: number) => Math.round(value * 1e6) / 1e6;

/** Columns that the chart covers at least, however few the table has. */
const minChartColumns = 8;

/** Held by rows and columns, not by lengths: programs take rows to be of different heights. */
function drawingXml(data: ChartData): string {
  const corner = (name: string, column: number, row: number) =>
    `<xdr:${name}><xdr:col>${column}</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>${row}</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:${name}>`;
  const columns = Math.max(minChartColumns, data.series.length + 1);
  return (
    `${xmlHead}<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" xmlns:a="${drawingMain}">` +
    `<xdr:twoCellAnchor>${corner('from', 0, 0)}${corner('to', columns, chartRows(data))}` +
    '<xdr:graphicFrame macro=""><xdr:nvGraphicFramePr><xdr:cNvPr id="2" name="Chart"/><xdr:cNvGraphicFramePr/></xdr:nvGraphicFramePr>' +
    '<xdr:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/></xdr:xfrm>' +
    `<a:graphic><a:graphicData uri="${chartNamespace}"><c:chart xmlns:c="${chartNamespace}" xmlns:r="${office}" r:id="rId1"/></a:graphicData></a:graphic>` +
    '</xdr:graphicFrame><xdr:clientData/></xdr:twoCellAnchor></xdr:wsDr>'
  );
}

function chartXml(data: ChartData): string {
  const { chart, categories } = data;
  const isLine = chart.kind === 'line' && chart.unit !== null;
  const top = headerRow(data);
  const [first, last] = [top + 1, top + categories.length];
  const series = namesOf(data).map((name, at) => {
    const column = columnName(at + 1);
    const colour = `<a:srgbClr val="${colours[at % colours.length]!.slice(1).toUpperCase()}"/>`;
    const look = isLine
      ? `<a:ln w="22225"><a:solidFill>${colour}</a:solidFill></a:ln>`
      : `<a:solidFill>${colour}</a:solidFill>`;
    const labels = categories.map(({ label }, index) => `<c:pt idx="${index}"><c:v>${xmlText(label)}</c:v></c:pt>`);
    const values = categories.map(
      (category, index) => `<c:pt idx="${index}"><c:v>${rounded(category.values[at]!)}</c:v></c:pt>`,
    );
    const count = `<c:ptCount val="${categories.length}"/>`;
    return (
      `<c:ser><c:idx val="${at}"/><c:order val="${at}"/>` +
      `<c:tx><c:strRef><c:f>Chart!$${column}$${top}</c:f><c:strCache><c:ptCount val="1"/><c:pt idx="0"><c:v>${xmlText(name)}</c:v></c:pt></c:strCache></c:strRef></c:tx>` +
      `<c:spPr>${look}</c:spPr>${isLine ? '<c:marker><c:symbol val="none"/></c:marker>' : '<c:invertIfNegative val="0"/>'}` +
      `<c:cat><c:strRef><c:f>Chart!$A$${first}:$A$${last}</c:f><c:strCache>${count}${labels.join('')}</c:strCache></c:strRef></c:cat>` +
      `<c:val><c:numRef><c:f>Chart!$${column}$${first}:$${column}$${last}</c:f><c:numCache><c:formatCode>General</c:formatCode>${count}${values.join('')}</c:numCache></c:numRef></c:val></c:ser>`
    );
  });
  // As on the page: bars along time stand, others lie, the first on top.
  const lies = chart.unit === null;
  const plot = isLine
    ? `<c:lineChart><c:grouping val="standard"/><c:varyColors val="0"/>${series.join('')}<c:axId val="1"/><c:axId val="2"/></c:lineChart>`
    : `<c:barChart><c:barDir val="${lies ? 'bar' : 'col'}"/><c:grouping val="stacked"/><c:varyColors val="0"/>${series.join('')}<c:gapWidth val="40"/><c:overlap val="100"/><c:axId val="1"/><c:axId val="2"/></c:barChart>`;
  const axis = (id: number, other: number, position: string, order: string, more: string, kind: 'cat' | 'val') =>
    `<c:${kind}Ax><c:axId val="${id}"/><c:scaling><c:orientation val="${order}"/></c:scaling><c:delete val="0"/><c:axPos val="${position}"/>${more}<c:majorTickMark val="none"/><c:minorTickMark val="none"/><c:tickLblPos val="nextTo"/><c:crossAx val="${other}"/><c:crosses val="${kind === 'val' && lies ? 'max' : 'autoZero'}"/></c:${kind}Ax>`;
  const grid =
    '<c:majorGridlines><c:spPr><a:ln w="6350"><a:solidFill><a:srgbClr val="DDDDDD"/></a:solidFill></a:ln></c:spPr></c:majorGridlines><c:numFmt formatCode="#,##0" sourceLinked="0"/>';
  const title = `<c:title><c:tx><c:rich><a:bodyPr/><a:p><a:pPr><a:defRPr sz="1200" b="0"/></a:pPr><a:r><a:rPr lang="en" sz="1200" b="0"/><a:t>${xmlText(captionOf(chart))}</a:t></a:r></a:p></c:rich></c:tx><c:overlay val="0"/></c:title>`;
  const legend = data.series.length > 1 ? '<c:legend><c:legendPos val="b"/><c:overlay val="0"/></c:legend>' : '';
  return (
    `${xmlHead}<c:chartSpace xmlns:c="${chartNamespace}" xmlns:a="${drawingMain}"><c:roundedCorners val="0"/><c:chart>${title}<c:autoTitleDeleted val="0"/>` +
    `<c:plotArea><c:layout/>${plot}${axis(1, 2, lies ? 'l' : 'b', lies ? 'maxMin' : 'minMax', '', 'cat')}${axis(2, 1, lies ? 'b' : 'l', 'minMax', grid, 'val')}</c:plotArea>` +
    `${legend}<c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/></c:chart></c:chartSpace>`
  );
}
