extension PartLimits {
  /// What both take, so that a part can be sent by either.
  package func common(with other: PartLimits) -> PartLimits {
    guard self != other else { return self }
    return PartLimits(
      text: text.common(with: other.text),
      media: Self.both(media, other.media) { $0.common(with: $1) },
      takesLocation: takesLocation && other.takesLocation,
      replies: Self.both(replies, other.replies) { $0.common(with: $1) })
  }

  private static func both<Value>(
    _ one: Value?, _ other: Value?, _ common: (Value, Value) -> Value
  ) -> Value? {
    guard let one, let other else { return nil }
    return common(one, other)
  }
}

extension PartLimits.Unit {
  fileprivate func common(with other: Self) -> Self { self == other ? self : .both(self, other) }
}

extension PartLimits.Media {
  fileprivate func common(with other: Self) -> Self {
    let captions =
      if let one = captions, let two = other.captions { one.common(with: two) } else {
        captions ?? other.captions
      }
    return Self(
      kinds: kinds.intersection(other.kinds), captions: captions,
      withoutCaption: withoutCaption.union(other.withoutCaption))
  }
}

extension PartLimits.Replies {
  fileprivate func common(with other: Self) -> Self {
    Self(
      maximum: min(maximum, other.maximum), label: label.common(with: other.label),
      title: title.common(with: other.title))
  }
}
