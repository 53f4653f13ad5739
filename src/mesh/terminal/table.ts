/** Models the aligned columns that Go's text/tabwriter makes of tab-separated rows. */

/** Each column as wide as its widest cell plus `padding`; the last column is not padded. */
export function alignColumns(rows: readonly (readonly string[])[], padding: number): string {
  const widths: number[] = [];
  for (const row of rows)
    row.slice(0, -1).forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length + padding);
    });
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column]!)))
        .join(''),
    )
    .join('\n');
}
