import SluiceCore

/// What was done, as the next page's address says it: a word of ours and numbers, so that no address
/// can put other words on the page.
struct Notice {
  enum Kind: String, CaseIterable {
    case replayed, dropped, paused, resumed, understood, strange, channelGone, full, gone
    case read, readSome
  }

  let kind: Kind
  let count: Int
  /// How many it was not done to.
  let left: Int

  init(_ kind: Kind, count: Int = 1, left: Int = 0) {
    self.kind = kind
    self.count = count
    self.left = left
  }

  init?(_ query: FormFields) {
    guard let kind = query["done"].flatMap(Kind.init),
      let count = query["count"].flatMap({ Int($0) }),
      let left = Int(query["left"] ?? "0"),
      Self.range.contains(count), Self.range.contains(left)
    else { return nil }
    self.init(kind, count: count, left: left)
  }

  private static let range = 0...1_000_000_000

  var query: String {
    "done=\(kind.rawValue)&count=\(count)" + (left == 0 ? "" : "&left=\(left)")
  }

  var shown: (text: String, tone: Tone) {
    switch kind {
    case .replayed:
      count == 0
        ? ("There was no such dead letter any more.", .warm)
        : ("\(Words.count(count, "dead letter")) queued anew.\(rest)", left == 0 ? .good : .warm)
    case .dropped:
      ("\(Words.count(count, "dead letter")) dropped.\(rest)", left == 0 ? .good : .warm)
    case .paused: ("Paused. What comes is accepted, and waits.", .warm)
    case .resumed: ("Resumed.", .good)
    case .understood: ("Understood, and taken out of quarantine.", .good)
    case .strange: ("It is still not understood, and stays in quarantine.", .warm)
    case .channelGone:
      ("Its channel is not there any more, or cannot be read. Nothing was changed.", .bad)
    case .full: ("As much waits in its channel as may. Nothing was changed.", .warm)
    case .gone: ("It was not in quarantine any more.", .warm)
    case .read, .readSome: (readAll, kind == .read && left == 0 ? .good : .warm)
    }
  }

  private var rest: String {
    left == 0
      ? ""
      : " \(Words.count(left)) \(left == 1 ? "is" : "are") left: do it again to go on."
  }

  private var readAll: String {
    "\(Words.count(count, "webhook")) understood, and taken out of quarantine."
      + (left == 0
        ? ""
        : " \(Words.count(left)) \(left == 1 ? "stays" : "stay"): not understood, or not taken.")
      + (kind == .read ? "" : " There are older ones, which begin below: replay them to go on.")
  }
}
