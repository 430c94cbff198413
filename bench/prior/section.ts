/** One table of the report. */
import type { TableColumn, TableValue } from '../../src/formats/text-table.ts';

export interface Section {
  title: string;
  columns: TableColumn[];
  rows: TableValue[][];
  /** Lines under the table. */
  notes: string[];
}
