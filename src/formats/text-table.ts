/** Tables of text: columns aligned for a terminal, or Markdown. Numbers go to the right, words to the left. */

/** undefined and NaN print as "–". */
export type TableValue = string | number | undefined;

export interface TableColumn {
  title: string;
  /** Decimals of numbers; 3 unless given. */
  decimals?: number;
}

export type TableStyle = 'plain' | 'markdown';

/** Lines of the table, head included. */
export function textTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly TableValue[])[],
  style: TableStyle = 'plain',
): string[] {
  const clean = style === 'markdown' ? escapeBars : (cell: string) => cell;
  const texts = rows.map((row) => columns.map((column, i) => clean(cellText(row[i], column.decimals ?? 3))));
  const right = columns.map((_, i) => rows.some((row) => typeof row[i] === 'number'));
  const widths = columns.map(({ title }, i) => Math.max(width(title), ...texts.map((row) => width(row[i])), 3));
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => (right[i] ? pad(cell, widths[i]) + cell : cell + pad(cell, widths[i])));
  const head = line(columns.map(({ title }) => title));
  if (style === 'plain') {
    const rule = widths.map((count) => '─'.repeat(count));
    return [head, rule, ...texts.map(line)].map((cells) => cells.join('  ').trimEnd());
  }
  const rule = widths.map((count, i) => (right[i] ? `${'-'.repeat(count - 1)}:` : '-'.repeat(count)));
  return [head, rule, ...texts.map(line)].map((cells) => `| ${cells.join(' | ')} |`);
}

function cellText(value: TableValue, decimals: number): string {
  if (value === undefined || Number.isNaN(value)) return '–';
  if (typeof value === 'string') return value;
  return value === Infinity ? '∞' : value.toFixed(decimals);
}

function escapeBars(cell: string): string {
  return cell.replaceAll('|', '\\|');
}

function width(text: string): number {
  return [...text].length;
}

function pad(text: string, target: number): string {
  return ' '.repeat(Math.max(0, target - width(text)));
}
