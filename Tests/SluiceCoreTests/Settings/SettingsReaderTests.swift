import Foundation
import SluiceCore
import SluiceTesting
import Testing

struct SettingsReaderTests {
  /// Everything that is wrong with the keys `read` asks for, and with those it does not.
  private func problems(
    _ text: String, path: String = "dir/sluice.toml", _ read: (inout SettingsReader) -> Void
  ) throws -> [SettingsProblem] {
    var reader = SettingsReader(try SettingsFile(path: path, text: text))
    read(&reader)
    reader.finish()
    return reader.problems
  }

  // MARK: - Unknown keys

  @Test func guessesWhatWasMeant() throws {
    let found = try problems("trheads = 4\nshard = 1\n# threads = 8") { reader in
      _ = reader.integer("threads", default: 16, in: 1...64)
    }
    #expect(
      found.map(\.description) == [
        "dir/sluice.toml:1: trheads: This key is unknown. Did you mean threads?",
        "dir/sluice.toml:2: shard: This key is unknown. Known here: threads.",
      ])
  }

  @Test func anOptionalKeyThatIsAbsentIsKnownAllTheSame() throws {
    let found = try problems("form = \"+61400000001\"") { reader in
      _ = reader.optionalString("from", example: "+61400000001")
      _ = reader.has("previous")
    }
    #expect(found.map(\.message) == ["This key is unknown. Did you mean from?"])
  }
}
