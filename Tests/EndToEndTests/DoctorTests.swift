import Foundation
import SluiceCore
import Testing

extension EndToEnd {
  /// `sluice doctor` on a whole installation, well and ill.
  @Suite(.serialized) struct DoctorTests {
    private func doctor(
      _ stack: Stack, _ more: [String] = []
    ) throws -> (status: Int32, findings: [JSON]) {
      let log = stack.path + "/log/doctor-\(UUID().uuidString)"
      let program = try Program(
        "doctor", path: Products.path("sluice"),
        arguments: [
          "doctor", "--json", "--settings", stack.settingsPath, "--nginx",
          stack.path + "/nginx.conf",
        ] + more, log: log)
      let status = program.wait()
      let text = try String(contentsOfFile: log, encoding: .utf8)
      return (status, try text.split(separator: "\n").map { try JSONReader.read(Array($0.utf8)) })
    }

    @Test("finds nothing wrong with a running stack, and what is wrong with one that was harmed")
    func diagnoses() throws {
      var options = Stack.Options()
      (options.media, options.console) = ("", "")
      let stack = try Stack(options)
      #expect(stack.message(Stack.text("hello"))?.status == 200)
      let (status, findings) = try doctor(stack)
      #expect(status == 0, "\(findings)")
      let subjects = Set(
        findings.filter { $0["grade"] == "ok" }.compactMap { $0["subject"]?.string })
      let expected: Set = [
        "settings", "ledger", "fsync", "segment", "programs", "descriptors", "threads", "nginx",
        "sockets", "network", "clock",
      ]
      #expect(subjects.isSuperset(of: expected), "\(findings)")

      stack["status-0"].stop()
      unlink(stack.path + "/run/status.sock")
      chmod(stack.segmentPath, 0o644)
      try stack.changeSettings("[server]", "[server]\nmax_body_bytes = 4096")
      let ill = try doctor(stack, ["--offline"])
      #expect(ill.status == 1)
      let problems = ill.findings.filter { $0["grade"] == "problem" }
      #expect(Set(problems.compactMap { $0["subject"]?.string }) == ["segment", "sockets"])
      #expect(
        ill.findings.contains { $0["message"]?.string?.contains("max_body_bytes is 4096") == true })
      #expect(ill.findings.allSatisfy { ($0["grade"] == "ok") == ($0["remedy"] == nil) })
      chmod(stack.segmentPath, 0o600)
    }
  }
}
