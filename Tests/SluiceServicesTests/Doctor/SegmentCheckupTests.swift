import Glibc
import SluiceCore
import SluiceServices
import SluiceTesting
import Testing

struct SegmentCheckupTests {
  @Test func hasNothingToSayOfTheUsualPlace() {
    let directory = TemporaryDirectory()
    let usual = SharedSegment.defaultPath(for: directory.path)
    let place = SegmentPlace(usual, stateDirectory: directory.path)
    #expect(SegmentCheckup.finding(place, usual: usual) == nil)
  }

  @Test("whose file it is, as long as it is there", .enabled(if: geteuid() == 0))
  func namesTheStranger() throws {
    let directory = TemporaryDirectory()
    let usual = SharedSegment.defaultPath(for: directory.path)
    let place = SegmentPlace(usual, stateDirectory: directory.path)
    close(open(usual, O_RDWR | O_CREAT, 0o600))
    defer { unlink(usual) }
    chown(usual, 65_534, 65_534)
    let finding = try #require(SegmentCheckup.finding(place, usual: usual))
    #expect(
      finding.grade == .warning && finding.message.hasPrefix("\(usual) belongs to user 65534,"))
    #expect(finding.message.contains(" share \(directory.path)/segment,"))
    directory.write("", to: "segment")
    unlink(usual)
    #expect(
      SegmentCheckup.finding(place, usual: usual)?.message.hasPrefix("\(usual) belonged to another")
        == true)
  }
}
