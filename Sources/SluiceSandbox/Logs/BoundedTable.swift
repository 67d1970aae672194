/// A dictionary that forgets its oldest keys, for what has to be recognised when it comes again.
struct BoundedTable<Value> {
  private var values: [String: Value] = [:]
  private var order: RingLog<String>

  /// - Parameter capacity: Keys remembered, at least 1.
  init(capacity: Int) { order = RingLog(capacity: capacity) }

  var count: Int { values.count }

  /// Setting `nil` is not offered: what was seen cannot become unseen.
  subscript(key: String) -> Value? { values[key] }

  mutating func set(_ key: String, _ value: Value) {
    guard values.updateValue(value, forKey: key) == nil else { return }
    if let old = order.append(key) { values[old] = nil }
  }
}

extension BoundedTable: Sendable where Value: Sendable {}
