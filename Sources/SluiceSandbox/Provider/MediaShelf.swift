import SluiceCore

/// The media that only the account's key opens, and how often each was asked for.
struct MediaShelf: Sendable {
  private var items = BoundedTable<MediaItem>(capacity: 10_000)

  /// - Returns: Its ID.
  mutating func add(type: String, size: Int) -> String {
    let id = "media-" + RandomID.hex()
    items.set(id, MediaItem(type: type, size: size))
    return id
  }

  /// Counts the request, whatever is answered.
  mutating func fetch(_ id: String) -> MediaItem? {
    guard var item = items[id] else { return nil }
    item.fetches += 1
    items.set(id, item)
    return item
  }

  subscript(id: String) -> MediaItem? { items[id] }
}

struct MediaItem: Equatable, Sendable {
  let type: String
  /// Bytes.
  let size: Int
  var fetches = 0

  static let maximumSize = 64 << 20

  var response: HTTPResponse {
    HTTPResponse(
      status: 200, headers: [("content-type", type)],
      // Nobody looks at it, but no two blocks of it are the same.
      body: (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) })
  }

  var json: JSON {
    [
      "type": .string(type), "size": .integer(Int64(size)), "fetches": .integer(Int64(fetches)),
    ]
  }
}
