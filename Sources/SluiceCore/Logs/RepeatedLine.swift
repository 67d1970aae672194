import Logging

/// A line of the log that anybody can cause. Raw values are places in the shared segment.
package enum RepeatedLine: Int, Sendable, CaseIterable {
  case tokenRefused = 0
  case webhookRefused = 1
  case consoleRefused = 2
  case passwordRefused = 3
  case channelUnreadable = 4
  case mediaKeyUnreadable = 5

  var level: Logger.Level {
    switch self {
    case .tokenRefused, .webhookRefused, .consoleRefused, .passwordRefused: .warning
    case .channelUnreadable, .mediaKeyUnreadable: .error
    }
  }

  var message: Logger.Message {
    switch self {
    case .tokenRefused: "token refused"
    case .webhookRefused: "webhook not authenticated"
    case .consoleRefused: "console refused"
    case .passwordRefused: "console: wrong password"
    case .channelUnreadable: "channel cannot be read"
    case .mediaKeyUnreadable: "the key of media links cannot be read"
    }
  }
}

/// Writes such lines, a few a minute of each kind and channel (``LineBudget``), over all processes of the
/// host: where a web server starts one for each request, none of them knows of the others otherwise.
package struct LineLimiter: Sendable {
  private let segment: CurrentSegment?
  private let clocks: any Clocks

  /// - Parameter segment: Without one, or while there is none, every line is written.
  package init(_ segment: CurrentSegment?, clocks: any Clocks) {
    self.segment = segment
    self.clocks = clocks
  }

  /// - Parameter channel: `nil` for what is no channel's.
  package func write(
    _ line: RepeatedLine, of channel: ChannelName? = nil, to log: Logger,
    _ metadata: @autoclosure () -> Logger.Metadata
  ) {
    guard log.logLevel <= line.level else { return }
    let now = clocks.boot
    guard let segment = segment?.get(now: now) else {
      return log.log(level: line.level, line.message, metadata: metadata())
    }
    let place =
      segment.kind == .main
      ? channel.map(segment.place) ?? SegmentLayout.otherPlace : SegmentLayout.otherPlace
    var verdict: LineBudget.Verdict?
    segment.log(line, at: place).update {
      let next = LineBudget.note(word: $0, minute: now / SharedBuckets.minute)
      verdict = next.verdict
      return next.word
    }
    guard let verdict, verdict.isWritten else { return }
    var fields = metadata()
    if verdict.times > LineBudget.first { fields["times_this_minute"] = "\(verdict.times)" }
    if verdict.leftOut > 0 { fields["left_out_before"] = "\(verdict.leftOut)" }
    log.log(level: line.level, line.message, metadata: fields)
  }
}
