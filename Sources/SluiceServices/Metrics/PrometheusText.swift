/// Metrics as Prometheus reads them: the text format, version 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/).
struct PrometheusText {
  private(set) var bytes: [UInt8] = []
  private var name = ""

  static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  enum Kind: String { case counter, gauge, histogram }

  /// Begins a metric: the samples that follow are its own.
  mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
    self.name = name
    append("# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n")
  }

  /// - Parameter labels: Names and values of ours, in which nothing has to be escaped.
  mutating func sample(
    _ labels: [(String, String)], _ value: String, suffix: String = ""
  ) {
    append(name)
    append(suffix)
    var separator = "{"
    for (label, text) in labels {
      append(separator)
      append(label)
      append("=\"")
      append(text)
      append("\"")
      separator = ","
    }
    append(labels.isEmpty ? " " : "} ")
    append(value)
    append("\n")
  }

  /// A duration as Prometheus counts them, in seconds.
  static func seconds(microseconds: UInt64) -> String {
    let fraction = String(microseconds % 1_000_000)
    let zeros = String(repeating: "0", count: 6 - fraction.utf8.count)
    return "\(microseconds / 1_000_000).\(zeros)\(fraction)"
  }

  static func seconds(milliseconds: Int64) -> String {
    seconds(microseconds: UInt64(max(milliseconds, 0)) * 1_000)
  }

  private mutating func append(_ text: String) { bytes += text.utf8 }
}
