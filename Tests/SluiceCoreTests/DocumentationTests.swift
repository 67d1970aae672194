import Foundation
import SluiceCore
import Testing

/// Whoever reads the documentation gets from each page to the others, and finds every provider.
struct DocumentationTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  private static let catalog = root.appendingPathComponent(
    "Sources/SluiceCore/Documentation.docc")

  /// `Providers/Plivo.md` and its text, for each page.
  private static let pages: [String: String] = {
    let paths = FileManager.default.enumerator(atPath: catalog.path)?.compactMap { $0 as? String }
    let pairs = (paths ?? []).filter { $0.hasSuffix(".md") }.map { path in
      (path, (try? String(contentsOf: catalog.appendingPathComponent(path), encoding: .utf8)) ?? "")
    }
    return Dictionary(uniqueKeysWithValues: pairs)
  }()

  private static let readme =
    (try? String(contentsOf: root.appendingPathComponent("README.md"), encoding: .utf8)) ?? ""

  @Test("every link between pages leads somewhere", arguments: pages.keys.sorted())
  func linksWithin(page: String) {
    let names = Set(Self.pages.keys.map(Self.name))
    for match in (Self.pages[page] ?? "").matches(of: /<doc:([A-Za-z]+)>/) {
      #expect(names.contains(String(match.1)), "<doc:\(match.1)>")
    }
  }

  @Test("every link of the README leads to a file or a heading")
  func linksOfReadme() {
    let links = Self.readme.matches(of: /\]\(([^)\s]+)\)/).map { String($0.1) }
    #expect(links.count > 30)
    let headings = Self.readme.split(separator: "\n").filter { $0.hasPrefix("#") }.map { line in
      "#" + line.drop { $0 == "#" || $0 == " " }.lowercased().replacing(" ", with: "-")
    }
    for link in links where !link.hasPrefix("https://") {
      let isThere =
        link.hasPrefix("#")
        ? headings.contains(link)
        : FileManager.default.fileExists(atPath: Self.root.appendingPathComponent(link).path)
      #expect(isThere, "\(link)")
    }
  }

  @Test("the start page lists every page", arguments: pages.keys.sorted())
  func isListed(page: String) {
    guard page != "SluiceCore.md" else { return }
    #expect(Self.pages["SluiceCore.md"]?.contains("<doc:\(Self.name(page))>") == true)
  }

  @Test("every provider that is programmed has a page, and the README leads to it")
  func providersHavePages() {
    let links = Self.readme.lowercased().replacing("_", with: "")
    for provider in ProviderRegistry.all.map({ $0.name }) where provider != "sandbox" {
      #expect(
        links.contains("/providers/\(provider.replacing("_", with: "")).md)"), "\(provider)")
    }
  }

  private static func name(_ path: String) -> String {
    String((path.split(separator: "/").last ?? "").dropLast(".md".count))
  }
}
