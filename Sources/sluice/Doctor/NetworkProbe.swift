import SluiceCore
import SluiceHTTP
import SluiceServices

/// Asks a host whether it is there: resolves its name, connects, and shakes hands.
struct NetworkProbe {
  private let clocks: any Clocks
  private let client: CurlClient?

  init(clocks: any Clocks) {
    self.clocks = clocks
    client = try? CurlClient(clocks: clocks)
  }

  /// - Returns: Also what time it is there, Unix milliseconds, if it says so.
  func ask(_ origin: String) -> (finding: Finding, time: Int64?) {
    guard let client else {
      return (
        .problem(
          "network", "libcurl cannot be used, so no calls can be made.",
          remedy: "Install it: apt-get install libcurl4."), nil
      )
    }
    let begin = clocks.boot
    // Whatever is answered to it, and by whom: the way is open, and the certificate good.
    let result = client.perform(HTTPCall(method: "GET", url: origin + "/"), timeout: 10)
    let milliseconds = (clocks.boot - begin) / 1_000_000
    switch result {
    case .answered(let response):
      return (
        .good("network", "\(origin) answers in \(milliseconds) ms."),
        response.header("date").flatMap(HTTPDate.milliseconds)
      )
    case .unanswered(let reason):
      return (
        .warning(
          "network", "\(origin) was reached, and gave no answer: \(reason).",
          remedy: "See whether that lasts; messages to it wait meanwhile."), nil
      )
    case .notSent(let reason):
      return (
        .problem(
          "network", "\(origin) cannot be reached: \(reason).",
          remedy: "Check the URL, this host's DNS and firewall, and its trusted certificates"
            + " (ca-certificates)."), nil
      )
    }
  }
}
