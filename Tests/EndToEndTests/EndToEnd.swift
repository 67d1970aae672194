import Testing

/// All tests of whole stacks, one after the other: they measure rates and survive kills, and two
/// cores hold one stack at a time.
@Suite(.serialized) enum EndToEnd {}
