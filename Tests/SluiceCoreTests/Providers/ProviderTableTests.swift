import Foundation
import SluiceCore
import SluiceProviderSamples
import Testing

/// The documentation's table of what each provider takes, and what becomes of the rest, is made from
/// the adapters themselves.
struct ProviderTableTests {
  private static let page = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
    .appendingPathComponent("Sources/SluiceCore/Documentation.docc/Providers/Overview.md")

  @Test("the page has the table as it is; run with SLUICE_WRITE_TABLE=1 to write it anew")
  func isCurrent() throws {
    let text = try String(contentsOf: Self.page, encoding: .utf8)
    let head = text.components(separatedBy: "| provider |").first ?? ""
    let current = head + Self.table
    if ProcessInfo.processInfo.environment["SLUICE_WRITE_TABLE"] != nil {
      try current.write(to: Self.page, atomically: true, encoding: .utf8)
    } else {
      #expect(text == current)
    }
  }

  private static var table: String {
    let columns = [
      "provider", "text, in one call", "image", "video", "audio", "file", "caption", "location",
      "quick replies", "groups", "repeats recognised", "can be asked",
      "sends a second",
    ]
    let rows = ProviderSample.usual.map(row)
    let lines = [columns, columns.map { _ in "---" }] + rows
    return lines.map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n") + "\n"
  }

  private static func row(_ sample: ProviderSample) -> [String] {
    let provider = sample.provider()
    let limits = provider.limits
    var cells = ["`\(sample.name)`", words(limits.text)]
    cells += [.image, .video, .audio, .file].map { media($0, limits) }
    cells.append(captions(limits))
    cells.append(limits.takesLocation ? "shown" : "text with a map's link")
    cells.append(replies(limits))
    cells.append(provider.takesGroups ? "if set so" : "no")
    cells.append(provider.isIdempotent ? "yes" : "no")
    cells.append(asked(provider))
    cells.append(provider.defaultRate.map { $0 < 1 ? "\($0)" : "\(Int($0))" } ?? "as set")
    return cells
  }

  private static func words(_ unit: PartLimits.Unit) -> String {
    switch unit {
    case .smsSegments(let maximum): "\(maximum) SMS segment\(maximum == 1 ? "" : "s")"
    case .utf16(let maximum): "\(maximum) UTF-16 units"
    case .scalars(let maximum): "\(maximum) characters"
    case .bytes(let maximum): "\(maximum) bytes"
    case .both(let one, let other): "\(words(one)), \(words(other))"
    }
  }

  private static func media(_ kind: SluiceCore.Attachment.Kind, _ limits: PartLimits) -> String {
    limits.media?.kinds.contains(kind) ?? false ? "shown" : "link"
  }

  private static func captions(_ limits: PartLimits) -> String {
    guard let media = limits.media else { return "before the link" }
    let alone = media.withoutCaption.map(\.rawValue).sorted().joined(separator: ", ")
    let longest = media.captions.map { "up to \(words($0))" } ?? "of any length"
    return media.withoutCaption == media.kinds
      ? "a text of its own" : longest + (alone.isEmpty ? "" : "; not with \(alone)")
  }

  private static func replies(_ limits: PartLimits) -> String {
    guard let replies = limits.replies else { return "numbered list" }
    return "up to \(replies.maximum) of \(words(replies.label)), otherwise a numbered list"
  }

  private static func asked(_ provider: any Provider) -> String {
    if provider.canLookUp(by: nil) { return "yes" }
    return provider.canLookUp(by: "0") ? "by its own ID" : "no"
  }
}
