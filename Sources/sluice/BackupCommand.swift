import ArgumentParser
import Glibc
import SluiceCore
import SluiceStore

struct BackupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Copies the ledger while the programs run.",
    discussion: """
      All that was acknowledged before it began is in the copy. FILE must not exist; it is made with mode 0600, \
      since it has all messages in it. Settings, secrets and the keys in the state directory are not part of it: \
      Operations.md says what to keep beside it, and how to restore.
      """)

  @OptionGroup var settings: SettingsOption
  @OptionGroup var json: JSONFlag
  @Argument(help: "Where to.") var file: String

  func run() throws {
    let directory = try settings.load().server.stateDirectory
    try ProgramsUser.require(for: directory)
    let clocks = SystemClocks()
    let (wall, boot) = (clocks.wall, clocks.boot)
    let size = Self.size(directory + "/ledger.db")
    let bytes: Int
    do {
      bytes = try reporting {
        try tellingProgress("MB copied", of: size >> 20) { [file] in
          Self.size(file + ".part") >> 20
        } while: {
          try SQLiteLedger.backUp(directory: directory, to: file)
        }
      }
    } catch let error as BackupError {
      throw failure("\(error)")
    }
    let milliseconds = Int64((clocks.boot - boot) / 1_000_000)
    let object: JSON = [
      "file": .string(file), "bytes": .integer(Int64(bytes)), "asOf": .time(wall),
      "milliseconds": .integer(milliseconds),
    ]
    print(
      json.isWanted
        ? object.text
        : "\(file): the ledger as of \(Timestamp.text(wall)), \(bytes >> 10) KB in"
          + " \(TimeSpan.text(milliseconds))")
  }

  private static func size(_ path: String) -> Int { FileStatus(path)?.size ?? 0 }
}
