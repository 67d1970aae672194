/// A path in the console: where the console is, which nginx's configuration decides, and what is asked
/// of it.
struct ConsolePath: Equatable {
  /// `/sluice/console`, without a slash at its end: what every link begins with.
  let base: String
  /// `[]` for the first page; `["trace", "01J…"]`.
  let segments: [String]

  /// - Returns: `nil` where no segment of `path` is `console`.
  init?(_ path: String) {
    let all = path.split(separator: "/").map(String.init)
    guard let index = all.firstIndex(of: "console") else { return nil }
    base = "/" + all[...index].joined(separator: "/")
    segments = Array(all[(index + 1)...])
  }
}
