import SluiceCore

/// A request as the pages need it: where the console is, whose session this is, what time it is.
struct Visit {
  /// What every link begins with: `/sluice/console`.
  let base: String
  /// Goes into every form that changes something.
  let formToken: String
  /// Unix milliseconds.
  let now: Int64
}
