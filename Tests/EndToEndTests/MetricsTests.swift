import Foundation
import SluiceCore
import Testing

extension EndToEnd {
  /// What Prometheus and load balancers see of the real programs.
  @Suite(.serialized) struct MetricsTests {
    static let options: Stack.Options = {
      var options = Stack.Options()
      options.console = ""
      options.server = "relay_silence_seconds = 2"
      return options
    }()

    private func get(_ path: String, _ stack: Stack) -> (status: Int?, text: String) {
      let response = stack.call("GET", "/sluice/\(path)", headers: [])
      return (response?.status, String(decoding: response?.body ?? [], as: UTF8.self))
    }

    @Test("messages each way are counted and timed over all programs, as Prometheus reads it")
    func counts() throws {
      let stack = try Stack(Self.options)
      let sandbox = Sandbox(stack)
      try sandbox.phone("in")
      #expect(stack.message(Stack.text("out"))?.status == 200)
      #expect(try sandbox.arrival(on: "demo") { $0["text"]?.string == "in" } != nil)
      let wanted = [
        #"sluice_accepted_total{channel="demo",queue="inbound"} 1"#,
        #"sluice_accepted_total{channel="demo",queue="outbound"} 1"#,
        #"sluice_delivered_total{channel="demo",queue="inbound"} 1"#,
        #"sluice_delivered_total{channel="demo",queue="outbound"} 1"#,
        #"sluice_delivery_duration_seconds_count{queue="inbound"} 1"#,
        #"sluice_request_duration_seconds_count{program="sluice-inbound"} 1"#,
        #"sluice_request_duration_seconds_count{program="sluice-outbound"}"#,
      ]
      let page = eventually { () -> String? in
        let page = get("metrics", stack).text
        return wanted.allSatisfy { page.contains($0) } ? page : nil
      }
      let text = try #require(page, "\(get("metrics", stack).text.prefix(3_000))\n\(stack.logs())")
      try checkNames(in: text)
      guard let promtool = Self.promtool else { return }
      let file = "\(stack.path)/metrics.txt"
      try text.write(toFile: file, atomically: true, encoding: .utf8)
      let check = try Program(
        "promtool", path: promtool, arguments: ["check", "metrics"],
        input: FileHandle(forReadingAtPath: file), log: "\(stack.path)/promtool.txt")
      #expect(check.wait() == 0)
      #expect(try String(contentsOfFile: "\(stack.path)/promtool.txt", encoding: .utf8) == "")
    }

    /// Dashboard and alerts ask for metrics that there are.
    private func checkNames(in page: String) throws {
      let described = Set(page.matches(of: /# TYPE (\S+)/).map { String($0.1) })
      for file in ["grafana.json", "alerts.yml"] {
        let text = try String(
          contentsOfFile: "\(Products.repository)/scripts/monitoring/\(file)", encoding: .utf8)
        let asked = Set(
          text.matches(of: /sluice_[a-z_]+/).map {
            String($0.0).replacing(/_(bucket|sum|count)$/, with: "")
          })
        #expect(!asked.isEmpty && asked.isSubset(of: described), "\(asked.subtracting(described))")
      }
    }

    @Test("the alerts fire when they should", .enabled(if: promtool != nil))
    func alerts() throws {
      let promtool = try #require(Self.promtool)
      let alerts = "\(Products.repository)/scripts/monitoring/alerts"
      for arguments in [
        ["check", "rules", "\(alerts).yml"], ["test", "rules", "\(alerts).test.yml"],
      ] {
        let output = try Program.output(promtool, arguments)
        #expect(output.contains("SUCCESS") && !output.contains("FAILED"), "\(output)")
      }
    }

    @Test("ready, until the relay is gone; healthy all the while")
    func readiness() throws {
      let stack = try Stack(Self.options)
      let isReady = eventually { get("readyz", stack).text == "ready\n" ? true : nil }
      #expect(isReady == true, "\(get("readyz", stack))")
      stack["relay-0"].stop()
      let problem = eventually { () -> String? in
        let (status, text) = get("readyz", stack)
        return status == 503 ? text : nil
      }
      #expect(problem?.hasPrefix("No relay has been at work for") == true)
      #expect(get("healthz", stack).status == 200)
    }

    /// Debian's is in the package prometheus; scripts/setup installs it.
    static let promtool = ["/usr/bin/promtool", "/usr/local/bin/promtool"]
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }
}
