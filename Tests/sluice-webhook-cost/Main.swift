import Glibc
import SluiceCore
import SluiceProviderSamples

/// Prints what a webhook costs with each provider, averaged over its fixtures: a line of its label, and
/// microseconds of CPU for its proof and for all else. What is signed with a wrong secret costs the
/// proof and no more.
@main enum Main {
  static func main() {
    for sample in ProviderSample.all {
      let provider = sample.provider()
      var (proof, whole) = (0.0, 0.0)
      for webhook in sample.webhooks {
        let right = sample.request(webhook)
        let wrong = sample.request(webhook, secret: String(sample.webhookSecret.reversed()))
        proof += microseconds { provider.isTaken(wrong) }
        whole += microseconds { provider.isTaken(right) }
      }
      let count = Double(sample.webhooks.count)
      print(sample, proof / count, (whole - proof) / count)
    }
  }

  /// CPU of one call of `body`, on average.
  private static func microseconds(_ body: () -> Bool) -> Double {
    let (warmUp, calls) = (50, 1_000)
    for _ in 0..<warmUp { _ = body() }
    let start = cpu()
    var taken = 0
    for _ in 0..<calls { taken += body() ? 1 : 0 }
    let end = cpu()
    precondition(taken == 0 || taken == calls, "the same bytes were taken and refused")
    return (end - start) / Double(calls)
  }

  /// Microseconds that this thread has used.
  private static func cpu() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e6 + Double(time.tv_nsec) / 1e3
  }
}

extension Provider {
  fileprivate func isTaken(_ request: HTTPRequest) -> Bool {
    (try? events(in: request, now: ProviderSample.now)) != nil
  }
}
