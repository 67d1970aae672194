import SluiceCore
import SluicePages

/// A history as bars: what was accepted, and in front of it what failed. Its text alternative says the
/// sums and the peak.
struct Chart {
  let points: [HistoryPoint]
  let span: HistorySpan

  var accepted: Int { points.reduce(0) { $0 + Int($1.accepted) } }
  var delivered: Int { points.reduce(0) { $0 + Int($1.delivered) } }
  var failed: Int { points.reduce(0) { $0 + Int($1.failed) } }

  /// What the picture shows, as a sentence.
  var description: String {
    let period = span == .hour ? "Last hour" : "Last day"
    let step = span == .hour ? "minute" : "quarter of an hour"
    guard let peak = points.max(by: { $0.accepted < $1.accepted }),
      accepted + delivered + failed > 0
    else { return "\(period): no messages." }
    return "\(period): \(Words.count(accepted)) accepted, \(Words.count(delivered)) delivered, "
      + "\(Words.count(failed)) failed. At most \(Words.count(Int(peak.accepted))) in a \(step), from "
      + "\(Timestamp.text(peak.start).dropFirst(11).prefix(5)) UTC."
  }

  /// A chart with its caption and axis.
  var figure: HTML {
    """
    <figure class="chart">
    <figcaption><h2>\(span == .hour ? "Last hour" : "Last day")</h2>\
    <p><b>\(Words.count(accepted))</b> accepted <b>\(Words.count(delivered))</b> delivered \
    <b class="\(failed > 0 ? "is-bad" : "")">\(Words.count(failed))</b> failed</p></figcaption>
    \(picture(height: 96, step: 10))
    <div class="axis" aria-hidden="true">\(ticks)</div>
    </figure>
    """
  }

  /// A chart for a cell of a table.
  var spark: HTML { picture(height: 28, step: 4) }

  /// Always as wide as its frame; `preserveAspectRatio` lets the bars stretch.
  private func picture(height: Int, step: Int) -> HTML {
    let top = max(points.map { max($0.accepted, $0.delivered, $0.failed) }.max() ?? 0, 1)
    let width = points.count * step
    var bars: [HTML] = []
    for (index, point) in points.enumerated() {
      func bar(_ value: UInt64, _ kind: String) {
        guard value > 0 else { return }
        // The least one is seen, too.
        let length = max(Int(value * UInt64(height - 2) / top), 2)
        bars.append(
          """
          <rect class="\(kind)" x="\(index * step)" y="\(height - length)" width="\(step - 1)" height="\(length)"/>
          """)
      }
      bar(max(point.accepted, point.delivered), "bar")
      bar(point.failed, "bar bad")
    }
    return """
      <svg class="bars" viewBox="0 0 \(width) \(height)" preserveAspectRatio="none" role="img" \
      aria-label="\(description)"><path class="base" d="M0 \(height)H\(width)"/>\(bars)</svg>
      """
  }

  private var ticks: [HTML] {
    guard let first = points.first, let last = points.last else { return [] }
    let middle = points[points.count / 2]
    return [first, middle, last].map {
      "<span>\(Timestamp.text($0.start).dropFirst(11).prefix(5))</span>"
    }
  }
}
