import SluiceCore

/// Rows in aligned columns, the last one as long as it is. Cells may hold what others wrote.
struct Table: CustomStringConvertible {
  let description: String

  init(_ head: [String], _ rows: [[String]]) {
    let lines = [head] + rows.map { $0.map { $0.oneLine(atMost: 300) } }
    let widths = head.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    description = lines.map { line in
      line.indices.map { column in
        column == line.count - 1
          ? line[column]
          : line[column] + String(repeating: " ", count: widths[column] - line[column].count)
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }
}
