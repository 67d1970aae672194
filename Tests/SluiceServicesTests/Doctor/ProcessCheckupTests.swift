import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceServices

struct ProcessCheckupTests {
  private func process(
    _ name: String, descriptors: Int? = 1_024, threads: Int? = 100, tasks: Int? = nil
  ) -> ProcessCheckup.Process {
    var process = ProcessCheckup.Process(name: name, id: 7)
    (process.descriptors, process.threads, process.tasks) = (descriptors, threads, tasks)
    process.group = "/system.slice/\(name)"
    return process
  }

  private func findings(
    _ processes: [ProcessCheckup.Process], server: String = "", _ traffic: SendTraffic? = nil
  ) throws -> [Finding] {
    let directory = TemporaryDirectory()
    var text = SettingsText()
    text.server = server
    return ProcessCheckup.findings(processes, try text.load(in: directory), traffic)
  }

  private func grades(_ processes: [ProcessCheckup.Process], _ subject: String) throws
    -> [Finding.Grade]
  {
    try findings(processes).filter { $0.subject == subject }.map(\.grade)
  }

  @Test func saysWhatRuns() throws {
    #expect(try grades([], "programs") == [.problem, .warning])
    #expect(try grades([process("sluice-outbound")], "programs") == [.problem], "no relay")
    #expect(
      try grades([process("sluice-relay"), process("sluice-status")], "programs") == [.good])
  }

  @Test func countsDescriptors() throws {
    let relay = process("sluice-relay")
    #expect(try grades([], "descriptors") == [])
    #expect(try grades([process("sluice-status", descriptors: nil)], "descriptors") == [])
    #expect(try grades([relay, process("sluice-status")], "descriptors") == [.good])
    #expect(
      try grades([relay, process("sluice-status", descriptors: 300)], "descriptors") == [.problem])
    #expect(try grades([process("sluice-relay", descriptors: 300)], "descriptors") == [.problem])
  }

  static let threads:
    [(
      label: String, threads: Int, tasks: Int?, server: String, traffic: SendTraffic?,
      grade: Finding.Grade, part: String
    )] = [
      ("nothing was sent", 16, nil, "", nil, .good, "8 messages may be attempted at once"),
      ("nobody waits", 16, nil, "first_attempt_seconds = 0", busy, .good, "waits for no provider"),
      ("slow calls, few threads", 16, nil, "", busy, .warning, "30.0 (20.0 messages a second"),
      ("slow calls, enough threads", 60, nil, "", busy, .good, "30 messages may be attempted"),
      (
        "longer than anybody waits", 16, nil, "first_attempt_seconds = 0.2", busy, .good,
        "it were 4.0"
      ),
      ("a tight unit", 100, 64, "", nil, .problem, "may have 64 threads"),
      ("a wide unit", 100, 4_096, "", nil, .good, "50 messages"),
    ]
  private static let busy = SendTraffic(peakPerSecond: 20, callSeconds: 1.5)

  @Test(arguments: threads)
  func weighsThreads(
    label: String, threads: Int, tasks: Int?, server: String, traffic: SendTraffic?,
    grade: Finding.Grade, part: String
  ) throws {
    let findings = try findings(
      [process("sluice-outbound", threads: threads, tasks: tasks)], server: server, traffic
    ).filter { $0.subject == "threads" }
    #expect(findings.map(\.grade) == [grade])
    #expect(findings.first?.message.contains(part) == true, "\(findings)")
  }

  @Test("the busiest minute of the messages to contacts, and the mean of the calls")
  func readsTraffic() throws {
    let directory = TemporaryDirectory()
    let clocks = ManualClocks()
    let path = directory.path + "/segment"
    let meters = SharedMeters(
      try CurrentSegment(path: path, stateDirectory: "/a", now: clocks.boot), clocks: clocks)
    let status = SharedStatus(path: path, stateDirectory: "/a", clocks: clocks)
    #expect(SendTraffic(status) == nil)
    for name in ["a", "b"] {
      let channel = try #require(ChannelName(name))
      meters.count(.accepted, .outbound, of: channel, times: 60)
      meters.count(.accepted, .inbound, of: channel, times: 540)
    }
    meters.record(.call(.provider), nanoseconds: 1_000_000_000)
    meters.record(.call(.fallback), nanoseconds: 2_000_000_000)
    clocks.advance(milliseconds: 120_000)
    let traffic = try #require(SendTraffic(status))
    #expect(abs(traffic.peakPerSecond - 2) < 0.01 && traffic.callSeconds == 1.5)
  }
}
